/**
 * The generation of a node's store: a counter on its disk that grows at each start, and with all that must never be
 * forgotten. It is told in every presence, so that a store that goes back to a former state is found out.
 * @module
 */
import { record, uint } from "../crypto/codec.ts";
import { StoreError } from "../failure.ts";
import { retryFirst, retryLast } from "../limits.ts";
import type { Clock } from "../ports.ts";
import type { Rows } from "../session/commit.ts";
import { pause } from "../session/deadline.ts";

const row = "generation";
/**
 * The generation that a node tells while it knows that its store went back: below that of every store. Its own count goes
 * on, and would soon be above all that was told before.
 */
export const wentBack = 0;
const generationRecord = record("quorate/1/store-generation", { count: uint });

export class StoreGeneration {
  readonly #rows: Rows;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  readonly #listeners = new Set<() => void>();
  #current: number;
  #wanted: number;
  #raising = false;

  private constructor(rows: Rows, clock: Clock, stopping: AbortSignal, current: number) {
    this.#rows = rows;
    this.#clock = clock;
    this.#stopping = stopping;
    this.#current = this.#wanted = current;
  }

  /**
   * Begins this start's generation; it is on disk when this resolves. A row that cannot be read is taken for none: then
   * the others, who remember a higher one, say so.
   *
   * @throws {StoreError}
   */
  static async open(rows: Rows, clock: Clock, stopping: AbortSignal): Promise<StoreGeneration> {
    const found = await readRow(rows).catch(async (error) => {
      if (!(error instanceof StoreError)) throw error;
      await rows.erase(row);
      return null;
    });
    const generation = new StoreGeneration(rows, clock, stopping, found?.count ?? 0);
    await generation.#write((found?.count ?? 0) + 1);
    return generation;
  }

  /** What is on disk, and may be told. */
  get current(): number {
    return this.#current;
  }

  /** Told whenever it has grown. */
  onRaise(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Something has just been written that must not be forgotten. */
  raise(): void {
    // What is being written now may be older than that.
    this.raiseTo(this.#current + (this.#raising ? 2 : 1));
  }

  /** Grows to `count` at least, as soon as the disk takes it. */
  raiseTo(count: number): void {
    this.#wanted = Math.max(this.#wanted, count);
    if (!this.#raising && this.#wanted > this.#current) void this.#raise();
  }

  async #raise(): Promise<void> {
    this.#raising = true;
    for (let ms = retryFirst; this.#current < this.#wanted;) {
      try {
        await this.#write(this.#wanted);
        for (const listener of this.#listeners) listener();
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await pause(this.#clock, ms, this.#stopping); // the disk may answer the next time
        ms = Math.min(retryLast, 2 * ms);
        if (this.#stopping.aborted) break;
      }
    }
    this.#raising = false;
  }

  async #write(count: number): Promise<void> {
    const version = (await this.#rows.get(row))?.version ?? null;
    if (!await this.#rows.swap(row, version, generationRecord.encode({ count }))) {
      throw new StoreError(`Cannot write ${row}: something else writes to this store`);
    }
    this.#current = count;
  }
}

async function readRow(rows: Rows): Promise<{ count: number } | null> {
  const found = await rows.get(row);
  if (found === null) return null;
  try {
    return generationRecord.decode(found.plain);
  } catch (cause) {
    throw new StoreError(`Cannot read ${row}: it is damaged`, { cause });
  }
}
