/**
 * "Here I am": who, since when, with which roster, which links up, and whether its shares are locked. Signed, gossiped, and the hello of every link.
 * @module
 */
import { bytes, equal, firstFields, flag, list, peerId, record, uint } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { clockSkew } from "../../limits.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

export const presenceRecord = record("quorate/2/presence", {
  peer: peerId,
  /** Drawn when the node started. */
  boot: bytes(8),
  /** Which of its store's lives that is: each time that its operator goes on with a former state another begins. */
  life: uint,
  /** The generation of its store: who tells a lower one than before has gone back to a former state; 0 from who knows. */
  store: uint,
  /** Counts what this boot has said of itself. */
  generation: uint,
  /** X25519, of this generation alone. */
  key: bytes(32),
  /** Wall time, ms. */
  time: uint,
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** Peers to which a link is up. */
  links: list(peerId, 64),
  /** Whether its shares are locked. */
  locked: flag,
});

export type Presence = ReturnType<typeof presenceRecord.decode>;

/** Where in the history of its author's store a presence was said: what counts as long as it is kept. */
export type Place = Pick<Presence, "peer" | "boot" | "life" | "store" | "time">;

const firstVersion = firstFields("quorate/1/presence", {
  peer: peerId,
  boot: bytes(8),
  store: uint,
  generation: uint,
  key: bytes(32),
  time: uint,
});

/** Reads a presence that may have been kept for long: also one of the first version, in which nobody told a life. */
export const keptPresence = {
  /** @throws {TypeError} If it is of neither version. */
  decode(encoded: Uint8Array): Place {
    try {
      return presenceRecord.decode(encoded);
    } catch {
      return { ...firstVersion.decode(encoded), life: 0 };
    }
  },
};

/** Whether one place in a store's history is after another. */
export function isLater(a: Pick<Place, "life" | "store">, b: Pick<Place, "life" | "store">): boolean {
  return a.life > b.life || (a.life === b.life && a.store > b.store);
}

/** Boots of one peer that are over and remembered. */
const bootsKept = 8;

/**
 * What has been heard of each peer, in the order of its own counter. Wall time orders nothing that a peer says itself:
 * its channel is authentic and fresh, and a link is confirmed with the key of this very hello.
 */
export class Presences implements OfMembers {
  readonly #last = new Map<PeerId, Presence>();
  /** Boots that are over, the latest last. */
  readonly #over = new Map<PeerId, string[]>();

  get(peer: PeerId): Presence | undefined {
    return this.#last.get(peer);
  }

  /** Boots that are remembered of a peer. */
  boots(peer: PeerId): number {
    return (this.#over.get(peer)?.length ?? 0) + (this.#last.has(peer) ? 1 : 0);
  }

  /**
   * Takes the hello that a peer says over its own channel.
   *
   * @returns Whether it is news: not said before, and not of a boot that is known to be over.
   */
  greeted(presence: Presence): boolean {
    if (this.#isOver(presence)) return false;
    return this.#take(presence);
  }

  /** Takes what a peer has answered over its own channel: that boot is the latest. @returns Whether it is news. */
  answered(presence: Presence): boolean {
    return this.#take(presence);
  }

  /**
   * Takes what anybody may have passed on. A boot that is not known has to be of about this time, and later than what is
   * known: so nobody can put an old one in the place of the latest.
   *
   * @param now Wall time, ms.
   * @returns Whether it is news.
   */
  passed(presence: Presence, now: number): boolean {
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
