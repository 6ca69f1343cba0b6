/**
 * The names of peers and keys on the page, and the forms of ids and times.
 * @module
 */
import type { Scheme, SessionId } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { facesOf } from "../../src/text/alike.ts";
import { clean } from "./clean.ts";
import type { GroupKey, KeyName, PeerStatus } from "../node/node_port.ts";

export type NameOf = (peer: PeerId) => string;

/** The first and last characters of a long text: `12D3…x9q`. */
export function short(text: string, first = 4, last = 3): string {
  return text.length <= first + last + 1
    ? text
    : `${text.slice(0, first)}…${last > 0 ? text.slice(-last) : ""}`;
}

/** A peer's id, shortened. Its end tells peers apart, since all Ed25519 ids begin alike. */
export function shortPeer(peer: PeerId): string {
  return short(clean(peer, 64), 4, 4);
}

/** Words that the page uses itself: a peer with such a name is shown with its id. */
const reserved = ["you", "this peer", "this tab", "a peer", "a stranger", "nobody"];

/** Cleaned names from the roster. Peers with names that look alike are shown with their id; peers without a name by their id. */
export function namer(peers: ReadonlyMap<PeerId, Pick<PeerStatus, "name">>): NameOf {
  const known = namers.get(peers) ?? madeNamer(peers);
  namers.set(peers, known);
  return known;
}

/** Every part of a page uses the namer of the same peers. */
const namers = new WeakMap<ReadonlyMap<PeerId, unknown>, NameOf>();

function madeNamer(peers: ReadonlyMap<PeerId, Pick<PeerStatus, "name">>): NameOf {
  const names = new Map([...peers].map(([peer, { name }]) => [peer, clean(name, 24)]));
  const times = new Map<string, number>();
  const count = (face: string) => times.set(face, (times.get(face) ?? 0) + 1);
  for (const name of [...names.values(), ...reserved]) facesOf(name).forEach(count);
  return (peer) => {
    const name = names.get(peer);
    if (!name) return shortPeer(peer);
    return facesOf(name).every((face) => times.get(face) === 1) ? name : `${name} (${shortPeer(peer)})`;
  };
}

const conjunction = new Intl.ListFormat("en", { type: "conjunction" });

/** `Alice, Bob and Carol`. */
export function list(names: readonly string[]): string {
  return conjunction.format(names);
}

/** Peers in the order of the roster, which is the order of the page. */
export function rosterOrder(
  peers: readonly PeerId[],
  roster: ReadonlyMap<PeerId, unknown>,
): readonly PeerId[] {
  const place = new Map([...roster.keys()].map((peer, i) => [peer, i]));
  return peers.toSorted((a, b) => (place.get(a) ?? Infinity) - (place.get(b) ?? Infinity));
}

/** The id of a key: the session that made it. Two keys may have the same name. */
export const keyId = ({ session }: Pick<GroupKey, "session">): SessionId => session;

/** The key with an epoch of this id, be it the latest or a past one. */
export function withEpoch<K extends Pick<GroupKey, "session" | "past">>(
  keys: readonly K[],
  id: SessionId,
): K | undefined {
  return keys.find(({ session }) => session === id) ??
    keys.find(({ past }) => past.some(({ session }) => session === id));
}

/** Whether two keys have the same name. */
export function hasSameName(a: KeyName, b: { wallet: string | null; scheme: Scheme | null }): boolean {
  return a.wallet === b.wallet && a.scheme === b.scheme;
}

/**
 * The words that tell a key from others of the same name: “epoch 2, id f02c…”, with as much of the id as it takes; null
 * if there are none.
 */
export function distinctionOf(key: GroupKey, keys: readonly GroupKey[]): string | null {
  const id = keyId(key);
  const others = keys.filter((one) => hasSameName(one, key) && keyId(one) !== id).map(keyId);
  if (others.length === 0) return null;
  let shown = 4;
  while (shown < id.length && others.some((other) => other.startsWith(id.slice(0, shown)))) shown += 4;
  return `epoch ${key.epoch}, id ${short(id, shown, 0)}`;
}

/** `0.08 s`, `12.3 s`. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** The time of day on a peer's clock; empty if it is no time. */
export function clock(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}

export function iso(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
