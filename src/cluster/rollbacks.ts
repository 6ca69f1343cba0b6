/**
 * What a node remembers of the others' stores: the highest generation that each has told, with the signed presence that
 * proves it. A peer that tells a lower one has gone back to a former state: no session with it until that is mended.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { type PeerId, StoreError, unlessStore } from "../failure.ts";
import { clockSkew } from "../limits.ts";
import type { Rows } from "../session/commit.ts";
import { type Signed, unverified } from "../session/signed.ts";
import { type Presence, presenceRecord } from "./presence.ts";
import { wentBack } from "./store_generation.ts";

const seenRows = "generation-of/";

export interface RollbacksOptions {
  rows: Rows;
  /** Whether a peer is in the roster: of others nothing is kept. */
  member(peer: PeerId): boolean;
  /** A peer's store has gone back, or is no longer behind what it once was. */
  changed(peer: PeerId, back: boolean): void;
}

export class Rollbacks {
  readonly #o: RollbacksOptions;
  readonly #seen = new Map<PeerId, Signed<Presence>>();
  readonly #back = new Set<PeerId>();
  /** Whose highest generation is not on disk yet. */
  readonly #unsaved = new Set<PeerId>();
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: RollbacksOptions) {
    this.#o = options;
  }

  /** Reads what is remembered. What cannot be read, and of who has left, is forgotten. @throws {StoreError} */
  static async open(options: RollbacksOptions): Promise<Rollbacks> {
    const { rows, member } = options;
    const rollbacks = new Rollbacks(options);
    for (const name of await rows.names(seenRows)) {
      const found = await rows.get(name).catch((error) => {
        if (!(error instanceof StoreError)) throw error;
        return null;
      });
      const seen = found && unverified(presenceRecord, found.plain); // its signature was good when it was written
      if (seen && name === seenRows + seen.by && member(seen.by)) rollbacks.#seen.set(seen.by, seen);
      else await rows.erase(name);
    }
    return rollbacks;
  }

  /** Whether a peer's store has gone back, as far as this node knows. */
  back(peer: PeerId): boolean {
    return this.#back.has(peer);
  }

  /** The peer's own word for its highest generation: what it is shown. */
  proofFor(peer: PeerId): Uint8Array | null {
    return this.#seen.get(peer)?.encoded ?? null;
  }

  /** Takes a presence whose signature is good and that is news, of a peer of the roster. */
  take(presence: Signed<Presence>): void {
    const { peer, store, boot, time } = presence.value;
    if (store === wentBack) return this.#mark(peer, true);
    const known = this.#seen.get(peer)?.value;
    if (known === undefined || store > known.store) {
      this.#seen.set(peer, presence);
      this.#unsaved.add(peer);
      this.#mark(peer, false);
    } else if (time >= known.time || known.time - time > 2 * clockSkew) {
      // A little older is what gossip brings late of the boot before; much older is a clock that went back with its disk.
      // Who starts has another generation than before: one generation with two boots is two histories of one store.
      this.#mark(peer, store < known.store || !equal(boot, known.boot));
    }
    if (this.#unsaved.size > 0) this.#saving = this.#saving.then(() => this.#save()).catch(unlessStore);
  }

  #mark(peer: PeerId, back: boolean): void {
    if (back === this.#back.has(peer)) return;
    if (back) this.#back.add(peer);
    else this.#back.delete(peer);
    this.#o.changed(peer, back);
  }

  /** What the disk does not take now is tried again with the next presence. @throws {StoreError} */
  async #save(): Promise<void> {
    const { rows } = this.#o;
    for (const peer of [...this.#unsaved]) {
      const name = seenRows + peer;
      const { encoded } = this.#seen.get(peer)!;
      const found = await rows.get(name);
      await rows.swap(name, found?.version ?? null, encoded);
      if (this.#seen.get(peer)!.encoded === encoded) this.#unsaved.delete(peer);
    }
  }
}
