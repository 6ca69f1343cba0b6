/**
 * The memory of other peers' store histories: for each of a peer's last boots, its latest place, with the
 * signed presence that proves it. A peer that reports an earlier place has gone back to a former state: no
 * session takes place with it until that is resolved. The signed presences are shown to the peer, which may
 * not know that it went back.
 * @module
 */
import { bytesUpTo, equal, list, record } from "../../crypto/codec.ts";
import { unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { bootsShown, clockSkew, maxPresence } from "../../limits.ts";
import type { Rows } from "../../keystore/rows.ts";
import { type Signed, unverified } from "../../session/signed.ts";
import { isLater, keptPresence, type Place } from "./presence.ts";
import { rolledBackGeneration } from "./store_generation.ts";

/** `generation-of/<peer>/<boot>`. */
const seenRows = "generation-of/";
const rowOf = ({ peer, boot }: Place) => `${seenRows}${peer}/${boot.toHex()}`;

/** The signed presences that a peer is shown of its own history. */
export const historyRecord = record("quorate/1/history", { seen: list(bytesUpTo(maxPresence), bootsShown) });

export interface RollbacksOptions {
  rows: Rows;
  /** Whether a peer is in the roster. Nothing is kept about others. */
  member(peer: PeerId): boolean;
  /** A peer's store has gone back, or has passed its former state again. */
  changed(peer: PeerId, back: boolean): void;
}

export class Rollbacks {
  readonly #options: RollbacksOptions;
  /** The latest place of each boot, in order: the last is the latest of all. */
  readonly #places = new Map<PeerId, Signed<Place>[]>();
  readonly #rolledBack = new Set<PeerId>();
  /** The rows that are not on disk yet, by name; null for one to erase. */
  readonly #unsaved = new Map<string, Uint8Array | null>();
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: RollbacksOptions) {
    this.#options = options;
  }

  /**
   * Reads the memory. Rows of peers that have left are erased; a row that cannot be read is left for a
   * version that can.
   *
   * @throws {StoreError}
   */
  static async open(options: RollbacksOptions): Promise<Rollbacks> {
    const { rows, member } = options;
    const rollbacks = new Rollbacks(options);
    const all: Signed<Place>[] = [];
    for (const name of await rows.names(seenRows)) {
      const peer = name.slice(seenRows.length).split("/")[0]!;
      if (!member(peer)) {
        await rows.erase(name);
        continue;
      }
      const found = await rows.get(name).catch(unlessStore);
      const seen = found ? unverified(keptPresence, found.plain) : null; // the signature was checked before it was written
      if (seen?.by !== peer || seen.value.peer !== peer) continue;
      all.push(seen);
      if (name === rowOf(seen.value)) continue;
      await rows.swap(rowOf(seen.value), null, seen.encoded); // the first version had one row for a peer
      await rows.erase(name);
    }
    all.sort((a, b) => isLater(a.value, b.value) ? 1 : -1);
    for (const seen of all) rollbacks.#places.set(seen.by, [...rollbacks.#places.get(seen.by) ?? [], seen]);
    return rollbacks;
  }

  /** Whether a peer's store has gone back, as far as this node knows. */
  isRolledBack(peer: PeerId): boolean {
    return this.#rolledBack.has(peer);
  }

  /** The peer's own signed presences, which prove what its store was. */
  proofsFor(peer: PeerId): Uint8Array[] {
    return (this.#places.get(peer) ?? []).map(({ encoded }) => encoded);
  }

  /** Takes a new presence of a peer of the roster, whose signature was checked. */
  take(presence: Signed<Place>): void {
    const { peer, store, boot, time } = presence.value;
    if (store === rolledBackGeneration) return this.#mark(peer, true);
    const known = this.#places.get(peer)?.at(-1)?.value;
    if (known === undefined || isLater(presence.value, known)) {
      this.#keep(presence);
      this.#mark(peer, false);
    } else if (time >= known.time || known.time - time > 2 * clockSkew) {
      // A little older: late gossip of the previous boot. Much older: a clock that went back with its disk.
      // Every start has a new generation: one generation with two boots means two histories of one store.
      this.#mark(peer, isLater(known, presence.value) || !equal(boot, known.boot));
    }
    if (this.#unsaved.size > 0) this.#saving = this.#saving.then(() => this.#save()).catch(unlessStore);
  }

  /**
   * Keeps a place beside those of earlier boots: its author may have lost one of them, and have passed it in
   * starts without anyone showing it to it.
   */
  #keep(presence: Signed<Place>): void {
    const { peer, boot } = presence.value;
    const others = (this.#places.get(peer) ?? []).filter(({ value }) => !equal(value.boot, boot));
    const kept = [...others, presence];
    for (const { value } of kept.splice(0, kept.length - bootsShown)) this.#unsaved.set(rowOf(value), null);
    this.#places.set(peer, kept);
    this.#unsaved.set(rowOf(presence.value), presence.encoded);
  }

  #mark(peer: PeerId, back: boolean): void {
    if (back === this.#rolledBack.has(peer)) return;
    if (back) this.#rolledBack.add(peer);
    else this.#rolledBack.delete(peer);
    this.#options.changed(peer, back);
  }

  /**
   * Writes the unsaved rows. After an error they are tried again with the next presence.
   *
   * @throws {StoreError}
   */
  async #save(): Promise<void> {
    const { rows } = this.#options;
    for (const [name, encoded] of [...this.#unsaved]) {
      if (encoded === null) await rows.erase(name);
      else {
        const found = await rows.get(name).catch((error) => {
          unlessStore(error);
          return rows.erase(name); // damaged: it is written anew
        });
        await rows.swap(name, found?.version ?? null, encoded);
      }
      if (this.#unsaved.get(name) === encoded) this.#unsaved.delete(name);
    }
  }
}
