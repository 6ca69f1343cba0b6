/**
 * The outcomes of commands that this node has taken part in or coordinated: each is kept for who asked, some days
 * long and up to a number of bytes, and never longer than the id of its command.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record } from "../../../crypto/codec.ts";
import { unlessStore } from "../../../errors.ts";
import type { Rows } from "../../../keystore/rows.ts";
import { maxOutcome } from "../../../limits.ts";
import type { Clock } from "../../../ports.ts";
import { commandKeyLength } from "../../records/command.ts";
import { bucketOf, minuteIn } from "../buckets.ts";
import { type CommandRow, CommandRows, type RowFormat } from "../command_rows.ts";
import { endOf, minuteOf } from "../minutes.ts";
import { makeRoom } from "./room.ts";

/** The most outcomes in one row, which is written anew for each of them: 1.5 kB each, for a signature. */
const outcomesPerRow = 16;

/** The outcomes that may be lost in a crash, because others have them too, are written together after this time, ms. */
const laterMs = 1_000;

/** The length that a row counts with until it has been read. */
const unreadBytes = 32 * 1024;

const entry = v.strictTuple([
  /** The key of the command: see `commandKey`. */
  bytes(commandKeyLength),
  bytesUpTo(maxOutcome),
]);
type Entry = v.InferOutput<typeof entry>;
type Row = CommandRow<Entry>;

const outcomeRows: RowFormat<Entry> = {
  prefix: "outcome/",
  record: record("quorate/2/outcomes", { entries: list(entry, outcomesPerRow) }),
  perRow: outcomesPerRow,
};

export interface OutcomesOptions {
  readonly clock: Clock;
  /** They are kept this long after their command has expired, ms. */
  readonly keptMs: number;
  /** The bytes of all of them. */
  readonly maxBytes: number;
}

/** A command, as its outcome is filed: its key (see `commandKey`), and the time at which it expires, ms. */
export interface Filed {
  readonly id: string;
  readonly expires: number;
}

interface Unwritten {
  readonly expires: number;
  readonly outcome: Uint8Array;
  /** The write under way. */
  written: Promise<Row> | null;
}

export class Outcomes {
  readonly #rows: CommandRows<Entry>;
  readonly #options: OutcomesOptions;
  /** The rows of each bucket: see `bucketOf`. */
  readonly #buckets = new Map<string, Set<Row>>();
  /** The row of each outcome that was written or found since this node started, by the key of its command. */
  readonly #rowOf = new Map<string, Row>();
  /** The rows from before this node started whose outcomes are not among those yet. */
  readonly #unread = new Set<Row>();
  /** The outcomes that are not on disk yet, by the key of their command. */
  readonly #unwritten = new Map<string, Unwritten>();
  /** The bytes of all of them, about. */
  #bytes = 0;
  /** True if the length of every row is known, damaged ones apart. */
  #isMeasured = false;
  #measuring: Promise<void> | null = null;
  #timer: Disposable | null = null;
  #isClosed = false;
  /** The minute in which this node last looked for what is over. */
  #looked = -1;

  private constructor(rows: CommandRows<Entry>, options: OutcomesOptions) {
    this.#rows = rows;
    this.#options = options;
  }

  /** Lists what was kept, and reads nothing. @throws {StoreError} */
  static async open(rows: Rows, options: OutcomesOptions): Promise<Outcomes> {
    const { rows: commands, found } = await CommandRows.open(rows, outcomeRows);
    const outcomes = new Outcomes(commands, options);
    for (const row of found) {
      outcomes.#add(row);
      outcomes.#unread.add(row);
    }
    outcomes.#isMeasured = found.length === 0;
    outcomes.#look();
    return outcomes;
  }

  /** Keeps an outcome; resolves when it is on disk. The first one of a command counts. @throws {StoreError} */
  async keep({ id, expires }: Filed, outcome: Uint8Array): Promise<void> {
    const unwritten = this.#note({ id, expires }, outcome);
    if (unwritten) await this.#write(id, unwritten);
  }

  /** Keeps an outcome: in memory at once, and on disk a moment later, together with others. */
  keepLater(command: Filed, outcome: Uint8Array): void {
    if (!this.#note(command, outcome)) return;
    if (!this.#isClosed) this.#timer ??= this.#options.clock.timer(laterMs, () => void this.flush());
  }

  /** Writes down what is only in memory. What cannot be written stays there. */
  async flush(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    await Promise.all(
      [...this.#unwritten].map(([id, unwritten]) => this.#write(id, unwritten).catch(unlessStore)),
    );
  }

  /** Writes down what is only in memory, for a node that stops: nothing is written later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  /** The outcome of a command, or null if there is none. @throws {StoreError} If a row that may have it is damaged. */
  async of({ id, expires }: Filed): Promise<Uint8Array | null> {
    const unwritten = this.#unwritten.get(id);
    if (unwritten) return unwritten.outcome;
    const damage = this.#rowOf.has(id) ? null : await this.#find(bucketOf(id, expires));
    const row = this.#rowOf.get(id);
    if (row) return (await this.#rows.read(row)).find(([found]) => found.toHex() === id)?.[1] ?? null;
    if (damage) throw damage;
    return null;
  }

  /** Forgets the outcomes of the commands of these buckets. */
  forget(buckets: Iterable<string>): void {
    const gone = new Set(buckets);
    for (const bucket of gone) {
      const rows = this.#buckets.get(bucket) ?? [];
      this.#rows.bury(rows);
      for (const row of rows) this.#unread.delete(row);
      this.#buckets.delete(bucket);
    }
    for (const [id, { bucket }] of this.#rowOf) if (gone.has(bucket)) this.#rowOf.delete(id);
    for (const [id, { expires }] of this.#unwritten) {
      if (gone.has(bucketOf(id, expires))) this.#unwritten.delete(id);
    }
  }

  /** Reads the rows of a bucket, once each. @returns The damage of a row that cannot be read, or null. */
  async #find(bucket: string): Promise<unknown> {
    let damage: unknown = null;
    for (const row of this.#buckets.get(bucket) ?? []) {
      if (!this.#unread.has(row)) continue;
      try {
        const entries = await this.#rows.read(row);
        if (!this.#unread.delete(row)) continue; // read meanwhile, or forgotten
        for (const [id] of entries) this.#rowOf.set(id.toHex(), row);
      } catch (error) {
        unlessStore(error);
        damage = error; // another row may have it
      }
    }
    return damage;
  }

  /** @returns Null if nothing is to be written: there is one already, or no room. */
  #note({ id, expires }: Filed, outcome: Uint8Array): Unwritten | null {
    this.#look();
    if (this.#unwritten.has(id) || this.#isFull(bucketOf(id, expires))) return null;
    const unwritten: Unwritten = { expires, outcome, written: null };
    this.#unwritten.set(id, unwritten);
    this.#bytes += outcome.length;
    return unwritten;
  }

  /** @throws {StoreError} */
  async #write(id: string, unwritten: Unwritten): Promise<void> {
    const { expires, outcome } = unwritten;
    unwritten.written ??= this.#rows.add(bucketOf(id, expires), [Uint8Array.fromHex(id), outcome]);
    try {
      const row = await unwritten.written;
      this.#add(row);
      this.#rowOf.set(id, row);
      this.#unwritten.delete(id);
    } catch (error) {
      unwritten.written = null;
      throw error;
    }
  }

  #add(row: Row): void {
    const rows = this.#buckets.get(row.bucket) ?? new Set();
    this.#buckets.set(row.bucket, rows.add(row));
  }

  /** Makes room for an outcome of a bucket. @returns Whether there is none. */
  #isFull(coming: string): boolean {
    const { maxBytes } = this.#options;
    if (this.#bytes < maxBytes) return false;
    if (!this.#isMeasured) {
      this.#measuring ??= this.#measure();
      return false;
    }
    const { gone, isFull } = makeRoom(this.#sizes(), maxBytes, coming);
    this.forget(gone);
    this.#bytes = sum(this.#sizes().values());
    return isFull;
  }

  /**
   * Reads the rows from before this node started: until then their lengths are a guess, for which nothing is forgotten.
   * Outcomes that come meanwhile are taken.
   */
  async #measure(): Promise<void> {
    for (const bucket of [...this.#buckets.keys()]) {
      if (this.#isClosed) return;
      await this.#find(bucket);
    }
    this.#isMeasured = true;
    this.#bytes = sum(this.#sizes().values());
  }

  /** The bytes of each bucket on disk, about, and of what is only in memory: a disk that takes nothing bounds it too. */
  #sizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    const count = (bucket: string, length: number) => sizes.set(bucket, (sizes.get(bucket) ?? 0) + length);
    for (const [bucket, rows] of this.#buckets) {
      for (const row of rows) count(bucket, row.bytes ?? unreadBytes);
    }
    for (const [id, { expires, outcome }] of this.#unwritten) count(bucketOf(id, expires), outcome.length);
    return sizes;
  }

  /** Forgets what is over, once a minute. */
  #look(): void {
    const now = this.#options.clock.now();
    if (this.#looked === minuteOf(now)) return;
    this.#looked = minuteOf(now);
    this.forget(
      [...this.#sizes().keys()].filter((bucket) => endOf(minuteIn(bucket)) + this.#options.keptMs <= now),
    );
    this.#bytes = sum(this.#sizes().values());
  }
}

const sum = (lengths: Iterable<number>): number => [...lengths].reduce((all, length) => all + length, 0);
