/**
 * "Here I am": who, since when, with which roster and which links up. Signed, gossiped, and the hello of every link.
 * @module
 */
import { bytes, list, peerId, record, uint } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import { clockSkew } from "../limits.ts";

export const presenceRecord = record("quorate/1/presence", {
  peer: peerId,
  /** Drawn when the node started. */
  boot: bytes(8),
  /** The generation of its store: who tells a lower one than before has gone back to a former state. */
  store: uint,
  /** Counts the link keys of this boot. */
  generation: uint,
  /** X25519, of this generation alone. */
  key: bytes(32),
  /** Wall time, ms. */
  time: uint,
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** Peers to which a link is up. */
  links: list(peerId, 64),
});

export type Presence = ReturnType<typeof presenceRecord.decode>;

/** What has been heard of each peer: what is older, or was said before, is no news. */
export class Presences {
  readonly #order: (presence: Presence) => number;
  readonly #last = new Map<PeerId, Presence>();
  readonly #boots = new Map<PeerId, Map<string, number>>();

  /** @param order What grows with every new presence of one boot. */
  constructor(order: (presence: Presence) => number) {
    this.#order = order;
  }

  get(peer: PeerId): Presence | undefined {
    return this.#last.get(peer);
  }

  /**
   * Takes a presence whose signature is good.
   *
   * @returns Whether it is news: not a replay, not older than what is known, not of another time.
   */
  take(presence: Presence, now: number): boolean {
    const { peer, time } = presence;
    const boot = presence.boot.toHex();
    const boots = this.#boots.get(peer) ?? new Map<string, number>();
    const known = boots.get(boot);
    const last = this.#last.get(peer);
    if (Math.abs(time - now) > clockSkew) return false;
    if (known !== undefined && this.#order(presence) <= known) return false;
    // A boot that is not the latest is over: whoever says its hello again is replaying it.
    if (last && last.boot.toHex() !== boot && (known !== undefined || time < last.time)) return false;
    boots.set(boot, this.#order(presence));
    this.#boots.set(peer, boots);
    this.#last.set(peer, presence);
    return true;
  }
}
