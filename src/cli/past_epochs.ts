/**
 * The past epochs of a key as the command line prints them: who has erased a share, and who has not said so.
 * @module
 */
import type { PastEpoch } from "../cluster/keys/epochs/epochs.ts";
import type { SessionId } from "../events.ts";
import type { PeerId } from "../failure.ts";

/** A peer, as it is printed. */
export interface NamedPeer {
  peer: PeerId;
  /** Null for a peer that is no longer in the roster. */
  name: string | null;
}

/** A past epoch, as it is printed. */
export interface ListedEpoch {
  epoch: number;
  /** The session that made it, in hex. */
  session: SessionId;
  threshold: number;
  members: NamedPeer[];
  /** Whether its share is still here. */
  held: boolean;
  /** The members that have said that they hold no share of it any more; of a stopped node, only itself. */
  erased: NamedPeer[];
  /** The members with which this node must never use that epoch. */
  banned: NamedPeer[];
}

/** Peers with their names. */
export const namedPeers =
  (nameOf: (peer: PeerId) => string | null) => (peers: readonly PeerId[]): NamedPeer[] =>
    peers.map((peer) => ({ peer, name: nameOf(peer) }));

/** A peer with its name and its id. */
export const nameAndId = ({ name, peer }: NamedPeer): string => name === null ? peer : `${name} (${peer})`;

/** A past epoch of a running node, as it is printed. */
export function listedEpoch(past: PastEpoch, nameOf: (peer: PeerId) => string | null): ListedEpoch {
  const named = namedPeers(nameOf);
  const { members, erased, banned } = past;
  return { ...past, members: named(members), erased: named(erased), banned: named(banned) };
}

const shortName = ({ name, peer }: NamedPeer) => name ?? peer;

/** The sentence about the shares of a past epoch. */
export function erasedSentence(
  { epoch, members, erased }: Pick<ListedEpoch, "epoch" | "members" | "erased">,
): string {
  const silent = members.filter(({ peer }) => !erased.some((one) => one.peer === peer)).map(shortName);
  const first = `epoch ${epoch}: erased by ${erased.length} of ${members.length}`;
  if (silent.length === 0) return first;
  return `${first}; ${silent.join(", ")} ${silent.length === 1 ? "has" : "have"} not said so`;
}

/** The lines that show a past epoch. */
export function* textOfEpoch(past: ListedEpoch): Iterable<string> {
  const { threshold, members, held, banned } = past;
  const here = held ? "; the share is still here" : "";
  yield `  ${erasedSentence(past)}${here} (${threshold} of ${members.map(shortName).join(", ")})`;
  for (const other of banned) yield `  banned then ${nameAndId(other)}`;
}
