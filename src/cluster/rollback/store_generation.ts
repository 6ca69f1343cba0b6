/**
 * The generation of a node's store: a counter on its disk that grows at each start, and with all that must never be
 * forgotten; and the starts, each with the generation in which it began. Every presence tells start and generation: what
 * was told in a start that the store does not know, or later in one than the store knows, is of a state that is lost.
 * @module
 */
import { bytes, type Codec, equal, list, record, uint } from "../../crypto/codec.ts";
import { StoreError } from "../../errors.ts";
import { retryFirst, retryLast, startsKept } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import type { Rows } from "../../keystore/rows.ts";
import { pause } from "../../session/deadline.ts";

const row = "generation";
const startsRow = "starts";
/**
 * The generation that a node tells while it knows that its store went back: below that of every store. Its own count goes
 * on, and would soon be above all that was told before.
 */
export const rolledBackGeneration = 0;
const generationRecord = record("quorate/1/store-generation", { count: uint });
/** The newest starts, in their order. */
const startsRecord = record("quorate/1/store-starts", {
  boots: list(bytes(8), startsKept),
  began: list(uint, startsKept),
});

/** A start, and the generation in which it began. */
interface Start {
  boot: Uint8Array;
  began: number;
}

export class StoreGeneration {
  readonly #rows: Rows;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  readonly #listeners = new Set<() => void>();
  readonly #starts: readonly Start[];
  #current: number;
  #wanted: number;
  #raising = false;

  private constructor(
    rows: Rows,
    clock: Clock,
    stopping: AbortSignal,
    starts: readonly Start[],
    current: number,
  ) {
    this.#rows = rows;
    this.#starts = starts;
    this.#clock = clock;
    this.#stopping = stopping;
    this.#current = this.#wanted = current;
  }

  /**
   * Begins this start's generation; it is on disk when this resolves. A row that cannot be read is taken for none: then
   * the others, who remember a higher one, say so.
   *
   * @param boot Of this start, 8 bytes.
   * @throws {StoreError}
   */
  static async open(
    rows: Rows,
    clock: Clock,
    stopping: AbortSignal,
    boot: Uint8Array,
  ): Promise<StoreGeneration> {
    const count = (await readOrErase(rows, row, generationRecord))?.count ?? 0;
    const before = await readOrErase(rows, startsRow, startsRecord);
    const known = before?.boots.map((boot, i) => ({ boot, began: before.began[i]! })) ?? [];
    const starts = [...known, { boot, began: count + 1 }].slice(-startsKept);
    const generation = new StoreGeneration(rows, clock, stopping, starts, count);
    const boots = starts.map(({ boot }) => boot);
    const began = starts.map(({ began }) => began);
    await write(rows, startsRow, startsRecord.encode({ boots, began }));
    await generation.#write(count + 1);
    return generation;
  }

  /** Whether the store knows of what it was when that start told that generation, or it is too long ago to be kept. */
  knows(boot: Uint8Array, count: number): boolean {
    if (count < this.#starts[0]!.began) return true;
    const at = this.#starts.findLastIndex((start) => equal(start.boot, boot));
    const ended = this.#starts[at + 1]?.began ?? this.#current + 1;
    return at >= 0 && count < ended;
  }

  /** What is on disk, and may be told. */
  get current(): number {
    return this.#current;
  }

  /** Told whenever it has grown. */
  onRaise(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Something has just been written that must not be forgotten: it grows as soon as the disk takes it. */
  raise(): void {
    // What is being written now may be older than that.
    this.#wanted = Math.max(this.#wanted, this.#current + (this.#raising ? 2 : 1));
    if (!this.#raising) void this.#raise();
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
    await write(this.#rows, row, generationRecord.encode({ count }));
    this.#current = count;
  }
}

async function write(rows: Rows, name: string, plain: Uint8Array): Promise<void> {
  const version = (await rows.get(name))?.version ?? null;
  if (await rows.swap(name, version, plain)) return;
  throw new StoreError(`Cannot write ${name}: something else writes to this store`);
}

/** What a row says; null for none, and for one that cannot be read, which is erased. @throws {StoreError} */
async function readOrErase<T>(rows: Rows, name: string, codec: Codec<T>): Promise<T | null> {
  try {
    const found = await rows.get(name);
    return found && codec.decode(found.plain);
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof TypeError)) throw error;
    await rows.erase(name);
    return null;
  }
}
