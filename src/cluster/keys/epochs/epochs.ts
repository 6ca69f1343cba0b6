/**
 * The epochs of keys: which certified epoch was dealt anew into which. An epoch with a successor is retired, from the
 * moment at which that is known; one with two has been forked.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { SessionId } from "../../../events.ts";
import type { PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";

/** A past epoch of a key. */
export interface PastEpoch {
  /** 1 for the epoch in which the key was made. */
  epoch: number;
  /** The session that made it. */
  session: SessionId;
  /** The number of members that signed. */
  threshold: number;
  /** Its members, in the order of their identifiers. */
  members: readonly PeerId[];
  /** Whether this node still has its share of it. */
  held: boolean;
  /** The members that say that they have no share of it, as far as this node has heard since it started. */
  erased: readonly PeerId[];
  /** The peers with which this node must not use that epoch: a new one begins without bans. */
  banned: readonly PeerId[];
}

const nobody: ReadonlySet<SessionId> = new Set();

export class Epochs {
  readonly #certified: (keyId: SessionId) => KeyRow | undefined;
  readonly #successors = new Map<SessionId, Set<SessionId>>();

  /** @param certified Finds the row of an epoch whose certificate is known here. */
  constructor(certified: (keyId: SessionId) => KeyRow | undefined) {
    this.#certified = certified;
  }

  /** Takes a certified epoch. @returns Whether its parent is retired by it, and was not before. */
  add({ session, parent }: Pick<KeyRow, "session" | "parent">): boolean {
    if (parent === null) return false;
    const id = parent.session.toHex();
    const known = this.#successors.get(id) ?? new Set();
    const isFirst = known.size === 0;
    this.#successors.set(id, known.add(session.toHex()));
    return isFirst;
  }

  /** The certified epochs into which an epoch was dealt anew: two, if it was forked. */
  after(id: SessionId): ReadonlySet<SessionId> {
    return this.#successors.get(id) ?? nobody;
  }

  /** Whether an epoch has a successor: no session takes place with it any more. */
  isRetired(id: SessionId): boolean {
    return this.#successors.has(id);
  }

  /** Checks that an epoch may be used. @throws {SessionError} `epoch-mismatch`, if it is retired. */
  checkCurrent(id: SessionId): void {
    if (this.isRetired(id)) throw new SessionError("epoch-mismatch");
  }

  /** An epoch and those before it, the first one first, as far as they are known. */
  upTo(row: KeyRow | undefined): KeyRow[] {
    const line: KeyRow[] = [];
    for (let one = row; one; one = one.parent ? this.#certified(one.parent.session.toHex()) : undefined) {
      line.unshift(one);
    }
    return line;
  }
}
