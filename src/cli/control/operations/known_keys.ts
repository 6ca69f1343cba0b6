/**
 * The keys of a running node as they are printed.
 * @module
 */
import type { GroupKey, UnfinishedKey } from "../../../cluster/keys/group_key.ts";
import type { Roster } from "../../../cluster/roster/roster.ts";
import { InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { QuorateNode } from "../../../node/api.ts";
import { schemes } from "../../../schemes/schemes.ts";
import type { ListedKey } from "../../key_list.ts";
import { listedEpoch, type NamedPeer, namedPeers } from "../../past_epochs.ts";
import { until } from "../wait.ts";
import { nameInRoster } from "../peer_names.ts";
import type { Performing } from "../performing.ts";
import type { RequestOf } from "../requests.ts";

/** A key of a running node. */
export interface KnownKey extends ListedKey {
  /** True if enough holders are ready to sign with it. */
  ready: boolean;
  /** The holders that are not ready. */
  missing: NamedPeer[];
}

/** The keys of a running node. */
export interface KnownKeys {
  /** In their latest epochs, sorted by name. */
  keys: KnownKey[];
  /** Those that were given up, and of which there is a share here. */
  givenUp: UnfinishedKey[];
  /** The roster in force. */
  roster: Pick<Roster, "peers">;
}

/** The keys of a node, once every member of a past epoch has said that it has erased it, or after the time to wait. */
export async function heardKeys(
  { waitMs }: RequestOf<"keys">,
  { node, signal, progress }: Performing,
): Promise<KnownKeys> {
  await until(
    async () => {
      const keys = await node.keys();
      const erased = keys.every(({ past }) =>
        past.every(({ members, erased }) => erased.length === members.length)
      );
      if (!erased) progress("waiting to hear who has erased shares of past epochs …");
      return erased;
    },
    waitMs,
    signal,
  );
  return await knownKeys(node);
}

/** The keys that a node holds a share of, and those that it knows to be its cluster's. */
export async function knownKeys(node: QuorateNode): Promise<KnownKeys> {
  const all = await node.keys();
  const keys = await Promise.all(all.map((key) => knownKey(key, node)));
  const name = ({ wallet, scheme }: KnownKey) => `${wallet} ${scheme}`;
  keys.sort((one, other) => name(one) < name(other) ? -1 : name(one) > name(other) ? 1 : 0);
  return { keys, givenUp: await node.givenUp(), roster: { peers: node.roster.peers } };
}

/** A key of a node, as it is printed. */
export async function knownKey(key: GroupKey, node: QuorateNode): Promise<KnownKey> {
  const nameOf = nameInRoster(node.roster);
  const named = namedPeers(nameOf);
  const { wallet, scheme, epoch, state, held, paused, session } = key;
  const { threshold, members, publicKey, chainCode } = key;
  const { quorate, missing } = await readinessOf(key, node);
  const own = (pairs: readonly { keyId: string; by: PeerId; other: PeerId }[]) =>
    named(pairs.filter(({ keyId, by }) => keyId === session && by === node.self).map(({ other }) => other));
  const hex = publicKey.toHex();
  const forks = (await node.keys()).filter((other) =>
    other.session !== session && other.epoch > 1 && other.publicKey.toHex() === hex
  );
  return {
    wallet,
    scheme,
    epoch,
    state: state === "frozen" || state === "pending" ? state : "active",
    held,
    paused,
    session,
    threshold,
    members: named(members),
    publicKey: hex,
    chainCode: chainCode.toHex(),
    addresses: schemes[scheme].addressesOf(publicKey),
    failures: null,
    banned: own(node.bans()),
    quarantined: own(node.quarantines()),
    past: key.past.map((one) => listedEpoch(one, nameOf)),
    forks: forks.map((other) => other.session),
    ready: quorate && state === "active",
    missing: named(missing),
  };
}

/** The readiness of a key. A pending one beside an active one of its name has none. */
async function readinessOf({ wallet, scheme, session }: GroupKey, node: QuorateNode) {
  try {
    return await node.readiness({ wallet, scheme, keyId: session });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { quorate: false, missing: [] };
  }
}
