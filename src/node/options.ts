/**
 * What a node is made of.
 * @module
 */
import type { Admit } from "../cluster/roster/admission.ts";
import type { Approval } from "../cluster/commands/consent.ts";
import type { WireFacts } from "../cluster/context.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import type { Limits } from "../limits.ts";
import type { Clock, Identity, Passphrases, Random, Store, Transport, Vault, Wire } from "../ports.ts";

/** What a peer is made of. */
export interface NodeOptions {
  /** Two keys, one object: who I am, and what opens my records. Keep no reference to it, if the node is to be locked. */
  identity: Identity;
  /** Signed by the cluster's admin key; a newer one in the store counts instead. */
  roster: Roster;
  /** Where its records are. */
  store: Store;
  /** How it reaches the others. */
  transport: Transport;
  /**
   * Who decides before a share of this node is used for someone else, or a key is made with it: `"roster"`, for yes to
   * whatever the roster allows; `{ initiators: { wallet: [peer, …] } }`, for yes to these and no to everything else; or a
   * function, which may ask a person.
   */
  approve: Approval;
  /** Times in ms, counts. */
  limits?: Partial<Limits>;
  /**
   * Keeps a newer roster where `roster` was read from. Where it fails, that is told (`roster-file`), the newer one is in
   * force all the same, and at the next start it comes out of the store.
   */
  keepRoster?: (roster: Roster) => Promise<void>;
  /** Starts a worker in which shares, or backups, are opened; default: out of the file of this package. A bundle has its own. */
  startWorker?: () => Worker;
  /** The cluster's admin key, at the one peer that holds it: it can invite and remove. */
  admin?: Pick<Identity, "peer" | "sign">;
  /** Asks a person about whoever wants to join. Default: they wait for `QuorateNode.admit`. */
  admit?: Admit;
}

/** The name of each option; the compiler wants every one of them. */
const names = Object.keys(
  {
    identity: true,
    roster: true,
    store: true,
    transport: true,
    approve: true,
    limits: true,
    keepRoster: true,
    startWorker: true,
    admin: true,
    admit: true,
  } satisfies Record<keyof NodeOptions, true>,
) as (keyof NodeOptions)[];

/** Exactly the options that a product's node has; whatever else the object holds, such as a test's adversary, is dropped. */
export function onlyOptions(given: NodeOptions): NodeOptions {
  const found = names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]] as const);
  return Object.fromEntries(found) as unknown as NodeOptions;
}

/** What only tests, simulations and the demonstration decide. */
export interface AssembleOptions extends NodeOptions {
  clock: Clock;
  random: Random;
  vault: Vault;
  /** Where backups are locked and opened; default: in this thread. */
  passphrases?: Passphrases;
  /** Stands between a session and its peers, above signing and sealing. */
  wrapWire?(wire: Wire, about: WireFacts): Wire;
}
