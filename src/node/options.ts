/**
 * The options of a node.
 * @module
 */
import type { Admit } from "../cluster/roster/admission/join_request.ts";
import type { Approval } from "../cluster/commands/consent/approval.ts";
import type { WireFacts } from "../cluster/context.ts";
import type { Roster } from "../cluster/roster/roster.ts";
import type { Limits } from "../limits.ts";
import type {
  Clock,
  Identity,
  Passphrases,
  Random,
  Store,
  Transport,
  Vault,
  Wire,
  WorkerLike,
} from "../ports.ts";

/** The options of {@linkcode createNode}. */
export interface NodeOptions {
  /**
   * The two keys of the peer: its peer key, and the key of its records. Keep no reference, if the node is to
   * be locked.
   */
  identity: Identity;
  /** The roster, signed by the cluster's admin key. A newer one in the store replaces it. */
  roster: Roster;
  /** The store of its records. */
  store: Store;
  /** Its way to the other peers. */
  transport: Transport;
  /**
   * Decides before a share of this node is used for another peer, or a key is made with it. `"roster"`: yes
   * to whatever the roster allows. `{ initiators: { wallet: [peer, …] } }`: yes to these, no to everybody
   * else. A function: it may ask a person.
   */
  approve: Approval;
  /** Changes of {@linkcode defaultLimits}: times in ms, and counts. */
  limits?: Partial<Limits>;
  /**
   * Writes a newer roster to the place that `roster` was read from. If it fails, an event (`roster-file`)
   * says so; the newer roster is in force in any case, and the store has it at the next start.
   */
  keepRoster?: (roster: Roster) => Promise<void>;
  /**
   * Starts a worker that opens shares or backups; by default from this package's file. A bundle that has it
   * elsewhere must give its own.
   */
  startWorker?: () => WorkerLike;
  /** The cluster's admin key, at the one peer that holds it: it can invite and remove. */
  admin?: Pick<Identity, "peer" | "sign">;
  /** Asks a person about each request to join. By default requests wait for `QuorateNode.admit`. */
  admit?: Admit;
  /**
   * Ends the start: `createNode` rejects with its reason once it has closed what it had opened; the store, which it was
   * given, stays open. It does nothing to a node that runs.
   */
  signal?: AbortSignal;
}

/** The names of all options; the compiler checks that none is missing. */
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
    signal: true,
  } satisfies Record<keyof NodeOptions, true>,
) as (keyof NodeOptions)[];

/** The options that a product's node has. Other properties, such as a test's adversary, are dropped. */
export function onlyOptions(given: NodeOptions): NodeOptions {
  const found = names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]] as const);
  return Object.fromEntries(found) as unknown as NodeOptions;
}

/** The options that only tests, simulations and the demonstration set. */
export interface AssembleOptions extends NodeOptions {
  clock: Clock;
  random: Random;
  vault: Vault;
  /** Locks and opens backups; by default in this thread. */
  passphrases?: Passphrases;
  /** Stands between a session and its peers, above signing and sealing. */
  wrapWire?(wire: Wire, about: WireFacts): Wire;
}
