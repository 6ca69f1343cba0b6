/**
 * The rows of commands that were carried out: `command/<minute>/<n>` holds up to 64 of those that expire in
 * that minute. The name of a row says when it is over, so that forgetting reads none; commands that come
 * during a write are written together.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record, uint } from "../../crypto/codec.ts";
import { StoreError, unlessStore } from "../../errors.ts";
import type { Rows } from "../../keystore/rows.ts";
import { minuteOf } from "./minutes.ts";

/** The most commands in one row. It is written anew for each of them, and deleted once. */
const perRow = 64;
/** A row of this many bytes takes no further command. */
const fullRow = 64 * 1024;
/**
 * Rows that are deleted for each one that is written: faster than they are made, and never many at a time.
 */
const sweptEachTime = 2;

const entry = v.strictTuple([
  /** The key of the command: see `commandKey`. */
  bytes(16),
  /** The time at which it expires, ms. */
  uint,
  /** The outcome, once it is known, at the coordinator. */
  bytesUpTo(81 * 1024),
]);
type Entry = v.InferOutput<typeof entry>;
const rowRecord = record("quorate/1/commands-seen", { commands: list(entry, perRow) });

const prefix = "command/";

/** One row. */
export interface CommandRow {
  readonly name: string;
  readonly minute: number;
  /** The entries of a row that takes more; null for one that takes no more. */
  entries: Entry[] | null;
  version: number | null;
  /** The changes that are written next, all at once. */
  waiting: Change[];
  writing: boolean;
  /** The number of commands in it, or about to be written to it. */
  taken: number;
}

interface Change {
  id: string;
  /** The expiry of a new command; null for the outcome of a command that is in the row. */
  expires: number | null;
  outcome: Uint8Array;
  done: PromiseWithResolvers<CommandRow>;
}

const rowOf = (name: string, minute: number, entries: Entry[] | null): CommandRow => (
  { name, minute, entries, version: null, waiting: [], writing: false, taken: 0 }
);

export class CommandRows {
  readonly #rows: Rows;
  /** The row of each minute that takes more. */
  readonly #open = new Map<number, CommandRow>();
  /** The next number of a row, by minute. */
  readonly #next = new Map<number, number>();
  readonly #dead: string[] = [];

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Lists what is there, and reads nothing. @throws {StoreError} */
  static async open(rows: Rows): Promise<{ rows: CommandRows; found: CommandRow[] }> {
    const opened = new CommandRows(rows);
    const found: CommandRow[] = [];
    for (const name of await rows.names(prefix)) {
      const [minute, n] = name.slice(prefix.length).split("/").map(Number);
      if (!Number.isSafeInteger(minute) || !Number.isSafeInteger(n)) continue; // no row has such a name
      opened.#next.set(minute!, Math.max(opened.#next.get(minute!) ?? 0, n! + 1));
      found.push(rowOf(name, minute!, null));
    }
    return { rows: opened, found };
  }

  /** Writes down a command. @returns The row it is in. @throws {StoreError} */
  add(id: string, expires: number): Promise<CommandRow> {
    const row = this.#withRoom(minuteOf(expires));
    row.taken++;
    return this.#change(row, { id, expires, outcome: new Uint8Array() });
  }

  /** Writes down what came of a command. @throws {StoreError} */
  async settle(id: string, row: CommandRow, outcome: Uint8Array): Promise<void> {
    await this.#change(row, { id, expires: null, outcome });
  }

  /** @throws {StoreError} If the row cannot be read, or is not one. */
  async read(row: CommandRow): Promise<Entry[]> {
    if (row.entries) return row.entries;
    const found = await this.#rows.get(row.name);
    row.version = found?.version ?? null;
    if (found === null) return [];
    try {
      return rowRecord.decode(found.plain).commands;
    } catch (cause) {
      throw new StoreError(`Cannot read ${row.name}: it is damaged`, { cause });
    }
  }

  /** Deletes rows: some with each write from now on. */
  bury(rows: Iterable<CommandRow>): void {
    for (const row of rows) {
      row.entries = null;
      if (this.#open.get(row.minute) === row) this.#open.delete(row.minute);
      this.#next.delete(row.minute); // nothing is written to that minute any more
      this.#dead.push(row.name);
    }
  }

  #withRoom(minute: number): CommandRow {
    const open = this.#open.get(minute);
    if (open && open.taken < perRow) return open;
    const n = this.#next.get(minute) ?? 0;
    this.#next.set(minute, n + 1);
    const row = rowOf(`${prefix}${minute}/${n}`, minute, []);
    this.#open.set(minute, row);
    return row;
  }

  #change(row: CommandRow, change: Omit<Change, "done">): Promise<CommandRow> {
    const done = Promise.withResolvers<CommandRow>();
    row.waiting.push({ ...change, done });
    if (!row.writing) void this.#write(row);
    return done.promise;
  }

  async #write(row: CommandRow): Promise<void> {
    row.writing = true;
    while (row.waiting.length > 0) {
      const changes = row.waiting.splice(0, perRow);
      try {
        await this.#put(row, changes);
        for (const { done } of changes) done.resolve(row);
      } catch (error) {
        this.#close(row); // what is on the disk now is not known: nothing more is added to it
        for (const { done } of changes) done.reject(error);
      }
      await this.#sweep().catch(unlessStore); // the next write tries again
    }
    row.writing = false;
  }

  /** @throws {StoreError} */
  async #put(row: CommandRow, changes: readonly Change[]): Promise<void> {
    const entries = [...await this.read(row)];
    for (const { id, expires, outcome } of changes) {
      if (expires !== null) {
        entries.push([Uint8Array.fromHex(id), expires, outcome]);
        continue;
      }
      const at = entries.findIndex(([known]) => known.toHex() === id);
      if (at >= 0) entries[at] = [entries[at]![0], entries[at]![1], outcome];
    }
    const plain = rowRecord.encode({ commands: entries });
    if (!await this.#rows.swap(row.name, row.version, plain)) {
      throw new StoreError(`Cannot write ${row.name}: something else writes to this store`);
    }
    row.version = (row.version ?? 0) + 1;
    if (row.entries) row.entries = entries;
    if (entries.length >= perRow || plain.length >= fullRow) this.#close(row);
  }

  #close(row: CommandRow): void {
    row.entries = null;
    if (this.#open.get(row.minute) === row) this.#open.delete(row.minute);
  }

  async #sweep(): Promise<void> {
    for (let i = 0; i < sweptEachTime; i++) {
      const name = this.#dead.shift();
      if (name === undefined) return;
      await this.#rows.erase(name).catch((error) => {
        this.#dead.push(name);
        throw error;
      });
    }
  }
}
