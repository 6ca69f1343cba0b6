/**
 * The presence of a node: its identity, its start, its roster, its links, and whether its shares are locked.
 * It is signed, gossiped, and part of the hello of every link.
 * @module
 */
import { bytes, equal, firstFields, flag, list, peerId, record, uint } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew } from "../../limits.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

export const presenceRecord = record("quorate/3/presence", {
  peer: peerId,
  /** The id of the node's start, random. */
  boot: bytes(8),
  /** The number of the store's life: a new one begins whenever the operator continues from a former state. */
  life: uint,
  /**
   * The generation of its store. A lower one than before means that the store went back; 0 if the node knows
   * that.
   */
  store: uint,
  /** The number of this presence since the start. */
  generation: uint,
  /** An X25519 key for this presence only. */
  key: bytes(32),
  /** Wall time, ms since 1970. */
  time: uint,
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** The peers to which a link is up. */
  links: list(peerId, 64),
  /** True if its shares are locked. */
  locked: flag,
});

export type Presence = ReturnType<typeof presenceRecord.decode>;

/** The place of a presence in the history of its author's store: the part that matters while it is kept. */
export type Place = Pick<Presence, "peer" | "boot" | "life" | "store" | "time">;

const firstVersion = firstFields("quorate/1/presence", {
  peer: peerId,
  boot: bytes(8),
  store: uint,
  generation: uint,
  key: bytes(32),
  time: uint,
});

/** The codec of stored presences, which may be old: it also reads the first version, which had no life. */
export const keptPresence = {
  /** @throws {TypeError} If the bytes are of neither version. */
  decode(encoded: Uint8Array): Place {
    try {
      return presenceRecord.decode(encoded);
    } catch {
      return { ...firstVersion.decode(encoded), life: 0 };
    }
  },
};

/** Whether place `a` in a store's history is after place `b`. */
export function isLater(a: Pick<Place, "life" | "store">, b: Pick<Place, "life" | "store">): boolean {
  return a.life > b.life || (a.life === b.life && a.store > b.store);
}

/** The number of ended boots of one peer that are remembered. */
const bootsKept = 8;

/**
 * The latest presence of each peer, by the peer's own counter. Wall time does not order presences that a peer
 * sends itself: its channel is authentic and fresh, and a link is confirmed with the key in the same hello.
 */
export class Presences implements OfMembers {
  readonly #last = new Map<PeerId, Presence>();
  /** The ended boots, the latest last. */
  readonly #over = new Map<PeerId, string[]>();

  get(peer: PeerId): Presence | undefined {
    return this.#last.get(peer);
  }

  /** The number of boots of a peer that are remembered. */
  boots(peer: PeerId): number {
    return (this.#over.get(peer)?.length ?? 0) + (this.#last.has(peer) ? 1 : 0);
  }

  /**
   * Takes the hello that a peer sends over its own channel.
   *
   * @returns Whether it is news: not received before, and not of an ended boot.
   */
  takeHello(presence: Presence): boolean {
    if (this.#isOver(presence)) return false;
    return this.#take(presence);
  }

  /** Takes a peer's answer over its own channel: its boot is the latest. @returns Whether it is news. */
  takeAnswer(presence: Presence): boolean {
    return this.#take(presence);
  }

  /**
   * Takes a presence that anybody may have forwarded. An unknown boot must be of about this time, and later
   * than the known one, so that nobody can replace the latest by an old one.
   *
   * @param now Wall time, ms.
   * @returns Whether it is news.
   */
  takeGossip(presence: Presence, now: number): boolean {
    const last = this.#last.get(presence.peer);
    if (this.#isOver(presence)) return false;
    const known = last !== undefined && equal(last.boot, presence.boot);
    if (!known && Math.abs(presence.time - now) > clockSkew) return false;
    if (!known && last && presence.time < last.time) return false;
    return this.#take(presence);
  }

  keepOnly(isMember: IsMember): void {
    keepOnly(this.#last, isMember);
    keepOnly(this.#over, isMember);
  }

  #isOver({ peer, boot }: Presence): boolean {
    return this.#over.get(peer)?.includes(boot.toHex()) ?? false;
  }

  #take(presence: Presence): boolean {
    const { peer, boot, generation } = presence;
    const last = this.#last.get(peer);
    if (last && equal(last.boot, boot)) {
      if (generation <= last.generation) return false;
    } else if (last) {
      const over = (this.#over.get(peer) ?? []).filter((known) => known !== boot.toHex());
      this.#over.set(peer, [...over, last.boot.toHex()].slice(-bootsKept));
    }
    this.#last.set(peer, presence);
    return true;
  }
}
