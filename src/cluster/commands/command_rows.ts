/**
 * Rows of commands by the minute in which they expire: `<prefix><minute>/<n>` holds several entries. The name of a
 * row says when it is over, so that forgetting reads none; entries that come during a write are written together.
 * @module
 */
import { StoreError, unlessStore } from "../../errors.ts";
import type { Codec } from "../../crypto/codec.ts";
import type { Rows } from "../../keystore/rows.ts";

/** A row of this many bytes takes no further entry. */
const fullRow = 64 * 1024;
/**
 * Rows that are deleted for each one that is written: faster than they are made, and never many at a time.
 */
const sweptEachTime = 2;

/** The rows of one kind of entry. */
export interface RowFormat<E> {
  /** The beginning of their names. */
  readonly prefix: string;
  readonly record: Codec<{ entries: E[] }>;
  /** The most entries in one row. It is written anew for each of them, and deleted once. */
  readonly perRow: number;
}

/** One row. */
export interface CommandRow<E> {
  readonly name: string;
  readonly minute: number;
  /** The entries of a row that takes more; null for one that takes no more. */
  entries: E[] | null;
  /** Its length; null while that is not known. */
  bytes: number | null;
  version: number | null;
  /** The entries that are written next, all at once. */
  waiting: Waiting<E>[];
  writing: boolean;
  /** The number of entries in it, or about to be written to it. */
  taken: number;
}

interface Waiting<E> {
  readonly entry: E;
  readonly done: PromiseWithResolvers<CommandRow<E>>;
}

const rowOf = <E>(name: string, minute: number, entries: E[] | null): CommandRow<E> => (
  { name, minute, entries, bytes: null, version: null, waiting: [], writing: false, taken: 0 }
);

export class CommandRows<E> {
  readonly #rows: Rows;
  readonly #format: RowFormat<E>;
  /** The row of each minute that takes more. */
  readonly #open = new Map<number, CommandRow<E>>();
  /** The number of the next row: none comes twice, so that a row is never written while its name is deleted. */
  #next = 0;
  readonly #dead: string[] = [];

  private constructor(rows: Rows, format: RowFormat<E>) {
    this.#rows = rows;
    this.#format = format;
  }

  /** Lists what is there, and reads nothing. @throws {StoreError} */
  static async open<E>(
    rows: Rows,
    format: RowFormat<E>,
  ): Promise<{ rows: CommandRows<E>; found: CommandRow<E>[] }> {
    const opened = new CommandRows(rows, format);
    const found: CommandRow<E>[] = [];
    for (const name of await rows.names(format.prefix)) {
      const [minute, n] = name.slice(format.prefix.length).split("/").map(Number);
      if (!Number.isSafeInteger(minute) || !Number.isSafeInteger(n)) continue; // no row has such a name
      opened.#next = Math.max(opened.#next, n! + 1);
      found.push(rowOf<E>(name, minute!, null));
    }
    return { rows: opened, found };
  }

  /** Writes down an entry of a command that expires in a minute. @returns The row it is in. @throws {StoreError} */
  add(minute: number, entry: E): Promise<CommandRow<E>> {
    const row = this.#withRoom(minute);
    row.taken++;
    const done = Promise.withResolvers<CommandRow<E>>();
    row.waiting.push({ entry, done });
    if (!row.writing) void this.#write(row);
    return done.promise;
  }

  /** @throws {StoreError} If the row cannot be read, or is not one. */
  async read(row: CommandRow<E>): Promise<E[]> {
    if (row.entries) return row.entries;
    const found = await this.#rows.get(row.name);
    row.version = found?.version ?? null;
    if (found === null) return [];
    row.bytes = found.plain.length;
    try {
      return this.#format.record.decode(found.plain).entries;
    } catch (cause) {
      throw new StoreError(`Cannot read ${row.name}: it is damaged`, { cause });
    }
  }

  /** Deletes rows: some with each write from now on. */
  bury(rows: Iterable<CommandRow<E>>): void {
    for (const row of rows) {
      row.entries = null;
      if (this.#open.get(row.minute) === row) this.#open.delete(row.minute);
      this.#dead.push(row.name);
    }
  }

  #withRoom(minute: number): CommandRow<E> {
    const { prefix, perRow } = this.#format;
    const open = this.#open.get(minute);
    if (open && open.taken < perRow) return open;
    const row = rowOf<E>(`${prefix}${minute}/${this.#next++}`, minute, []);
    this.#open.set(minute, row);
    return row;
  }

  async #write(row: CommandRow<E>): Promise<void> {
    row.writing = true;
    while (row.waiting.length > 0) {
      const added = row.waiting.splice(0);
      try {
        await this.#put(row, added.map(({ entry }) => entry));
        for (const { done } of added) done.resolve(row);
      } catch (error) {
        this.#close(row); // what is on the disk now is not known: nothing more is added to it
        for (const { done } of added) done.reject(error);
      }
      await this.#sweep().catch(unlessStore); // the next write tries again
    }
    row.writing = false;
  }

  /** @throws {StoreError} */
  async #put(row: CommandRow<E>, added: readonly E[]): Promise<void> {
    const { record, perRow } = this.#format;
    const entries = [...await this.read(row), ...added];
    const plain = record.encode({ entries });
    if (!await this.#rows.swap(row.name, row.version, plain)) {
      throw new StoreError(`Cannot write ${row.name}: something else writes to this store`);
    }
    row.version = (row.version ?? 0) + 1;
    row.bytes = plain.length;
    if (row.entries) row.entries = entries;
    if (entries.length >= perRow || plain.length >= fullRow) this.#close(row);
  }

  #close(row: CommandRow<E>): void {
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
