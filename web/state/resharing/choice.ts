/**
 * The form of a resharing: what it begins with, and what it asks for. Pure.
 * @module
 */
import type { PeerId } from "../../../src/failure.ts";
import type { GroupKey, PeerStatus, ReshareRequest } from "../../node/node_port.ts";
import { changeOf, type HolderChange } from "../../text/resharing.ts";
import type { State } from "../model.ts";
import { standing } from "../presence.ts";

/** The choices of the form. */
export interface ReshareChoice {
  /** The key, in its latest epoch. */
  key: GroupKey;
  members: readonly PeerId[];
  threshold: number;
  /** The members now that take no part. */
  gone: readonly PeerId[];
}

/** The roster, as far as a form needs it. */
export interface Known {
  peers: ReadonlyMap<PeerId, Pick<PeerStatus, "rights">>;
}

const isHolder = (peer: PeerId, { peers }: Known) => peers.get(peer)?.rights.includes("holder") ?? false;

/** All holders of the roster, in its order. */
const holdersIn = ({ peers }: Known) => [...peers.keys()].filter((peer) => isHolder(peer, { peers }));

/** The same holders, or those of them that are still in the roster. */
export function sameHolders(key: GroupKey, state: Known): ReshareChoice {
  return choice(key, key.members, { gone: [], state });
}

/** One holder more. */
export function withHolder(key: GroupKey, peer: PeerId, state: Known): ReshareChoice {
  return choice(key, [...key.members, peer], { gone: [], state });
}

/** The key without these peers, which take no part. Others fill their places only as far as the threshold needs them. */
export function withoutHolders(key: GroupKey, peers: readonly PeerId[], state: Known): ReshareChoice {
  const left = key.members.filter((peer) => !peers.includes(peer) && isHolder(peer, state));
  const others = holdersIn(state).filter((peer) => !key.members.includes(peer) && !peers.includes(peer));
  const more = others.slice(0, Math.max(0, key.threshold - left.length));
  return choice(key, [...left, ...more], { gone: peers, state });
}

/** The members of keys that are no holders of the roster any more, and whose shares count until these are reshared. */
export function formerHolders({ keys, peers }: Pick<State, "keys" | "peers">): readonly PeerId[] {
  const members = (keys ?? []).filter(isSettled).flatMap((key) => key.members);
  return [...new Set(members)].filter((peer) => !isHolder(peer, { peers }));
}

/**
 * The key without one holder.
 *
 * @param peer Null if nobody leaves.
 * @param options.by The holder that takes its place, or null.
 * @param options.lost Whether it takes no part: its device is lost, or it must not be asked.
 */
export function withReplaced(
  key: GroupKey,
  peer: PeerId | null,
  { by, lost, state }: { by: PeerId | null; lost: boolean; state: Known },
): ReshareChoice {
  const left = key.members.filter((other) => other !== peer);
  const members = by === null || left.includes(by) ? left : [...left, by];
  return choice(key, members, { gone: lost && peer !== null ? [peer] : [], state });
}

function choice(
  key: GroupKey,
  wanted: readonly PeerId[],
  { gone, state }: { gone: readonly PeerId[]; state: Known },
): ReshareChoice {
  const order = holdersIn(state);
  const members = order.filter((peer) => wanted.includes(peer));
  const threshold = Math.max(2, Math.min(key.threshold, members.length));
  return { key, members, threshold, gone: goneOf({ key, members, gone }, state) };
}

/** The members now that take no part: the chosen ones that get no share, and all that the roster has no more. */
export function goneOf(
  { key, members, gone }: Pick<ReshareChoice, "key" | "members" | "gone">,
  state: Known,
): readonly PeerId[] {
  return key.members.filter((peer) =>
    !isHolder(peer, state) || (gone.includes(peer) && !members.includes(peer))
  );
}

/** The changes that a choice makes among the holders. */
export function changeIn({ key, members, gone }: ReshareChoice): HolderChange {
  return changeOf(key.members, { members, gone });
}

/** Everyone who would take part and is not ready: a resharing needs them all. */
export function awayFrom({ key, members, gone }: ReshareChoice, state: State): readonly PeerId[] {
  const party = new Set([...members, ...key.members.filter((peer) => !gone.includes(peer))]);
  return [...party].filter((peer) => standing(peer, state) !== "ready");
}

/** The reason why a choice is impossible; null if it is possible. */
export function problemIn({ key, members, gone }: ReshareChoice): { field: string; message: string } | null {
  if (members.length < 2) return { field: "members", message: "Choose at least 2 holders." };
  const left = key.members.length - gone.length;
  if (left >= key.threshold) return null;
  const message = `The shares of ${key.threshold} holders are needed, and only ${left} would take part.`;
  return { field: "gone", message };
}

/** The request of a choice. */
export function requestOf({ key, members, threshold, gone }: ReshareChoice): ReshareRequest {
  const { wallet, scheme, session } = key;
  return { wallet, scheme, keyId: session, members, threshold, gone };
}

/** Whether one epoch of a key was dealt anew twice, so that there are two latest ones. */
export function isForked(key: GroupKey, { keys }: Pick<State, "keys">): boolean {
  return (keys ?? []).some((other) =>
    other.session !== key.session && other.scheme === key.scheme && isSettled(other) && isSettled(key) &&
    other.publicKey.toHex() === key.publicKey.toHex()
  );
}

const isSettled = ({ state }: GroupKey) => state !== "pending";

/** Whether a pending key is the next epoch of one that there is. */
export function isNextEpoch({ state, past }: Pick<GroupKey, "state" | "past">): boolean {
  return state === "pending" && past.length > 0;
}
