/**
 * The generation of a node's store: a counter on its disk that grows at each start, and with each write that
 * must never be lost; and the starts, each with the generation in which it began. Every presence has both. A
 * presence of a start that the store does not know, or of a later generation than it knows, shows that the
 * store has lost a state.
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
 * The generation in presences while a node knows that its store went back: lower than that of every store.
 * The store's own count continues, and would soon exceed everything sent before.
 */
export const rolledBackGeneration = 0;
const generationRecord = record("quorate/1/store-generation", { count: uint });
/** The newest starts, in order. */
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
   * Begins the generation of this start; it is on disk when this resolves. A row that cannot be read counts
   * as absent: the other peers, which remember a higher generation, then show it.
   *
   * @param boot The id of this start, 8 bytes.
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

  /**
   * Whether the store has the state of that generation in that start; also true if that is too old to be
   * kept.
   */
  knows(boot: Uint8Array, count: number): boolean {
    if (count < this.#starts[0]!.began) return true;
    const at = this.#starts.findLastIndex((start) => equal(start.boot, boot));
    const ended = this.#starts[at + 1]?.began ?? this.#current + 1;
    return at >= 0 && count < ended;
  }

  /** The generation on disk, which presences may carry. */
  get current(): number {
    return this.#current;
  }

  /** Calls `listener` whenever the generation has grown. */
  onRaise(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Raises the generation, after a write that must never be lost. */
  raise(): void {
    // A raise that is under way may have begun before that write.
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

/** The content of a row; null if there is none. A row that cannot be read is erased. @throws {StoreError} */
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
