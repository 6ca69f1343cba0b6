/**
 * What things are called on the page.
 * @module
 */
import type { Curve } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import { facesOf } from "../../src/text/alike.ts";
import { clean } from "./clean.ts";
import type { KeyName, PeerStatus } from "../node/node_port.ts";

export type NameOf = (peer: PeerId) => string;

/** First and last characters of something long: `12D3…x9q`. */
export function short(text: string, first = 4, last = 3): string {
  return text.length <= first + last + 1
    ? text
    : `${text.slice(0, first)}…${last > 0 ? text.slice(-last) : ""}`;
}

/** A peer's end of its id tells peers apart: all Ed25519 ids begin alike. */
export function shortPeer(peer: PeerId): string {
  return short(clean(peer, 64), 4, 4);
}

/** What the page calls its own reader: no peer is called so without its id. */
const reserved = ["you", "this peer", "this tab", "a peer", "a stranger", "nobody"];

/** Names from the roster, cleaned. Peers whose names look alike get the end of their id, and so does one without any. */
export function namer(peers: ReadonlyMap<PeerId, Pick<PeerStatus, "name">>): NameOf {
  const known = namers.get(peers) ?? madeNamer(peers);
  namers.set(peers, known);
  return known;
}

/** Every part of a page asks for the same peers' names. */
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

/** In the roster's order, which is the order of the page; ids sort as they please. */
export function rosterOrder(
  peers: readonly PeerId[],
  roster: ReadonlyMap<PeerId, unknown>,
): readonly PeerId[] {
  const place = new Map([...roster.keys()].map((peer, i) => [peer, i]));
  return peers.toSorted((a, b) => (place.get(a) ?? Infinity) - (place.get(b) ?? Infinity));
}

/** Where there is room to say which ECDSA. */
export const curveTitles: Record<Curve, string> = { ed25519: "Ed25519", secp256k1: "ECDSA (secp256k1)" };
export const curveNames: Record<Curve, string> = { ed25519: "Ed25519", secp256k1: "ECDSA" };

/** A key's place in maps; wallet names are free text, so the curve comes first. */
export function keyId(key: { wallet: string | null; curve: Curve | null }): string {
  return `${key.curve} ${key.wallet}`;
}

export function sameKey(a: KeyName, b: { wallet: string | null; curve: Curve | null }): boolean {
  return a.wallet === b.wallet && a.curve === b.curve;
}

/** `0.08 s`, `12.3 s`. */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Time of day on a peer's clock, as this reader writes it. */
export function clock(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}

export function iso(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
