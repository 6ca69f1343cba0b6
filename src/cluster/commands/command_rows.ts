/**
 * Rows of commands by their bucket: `<prefix><bucket>/<n>` holds several entries. The name of a row says whose it is and
 * when it is over, so that forgetting reads none; entries that come during a write are written together.
 * @module
 */
import { StoreError, unlessStore } from "../../errors.ts";
import type { Codec } from "../../crypto/codec.ts";
import type { Rows } from "../../keystore/rows.ts";
import { bucketIn } from "./buckets.ts";

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
  /** See `bucketOf`. */
  readonly bucket: string;
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

const rowOf = <E>(name: string, bucket: string, entries: E[] | null): CommandRow<E> => (
  { name, bucket, entries, bytes: null, version: null, waiting: [], writing: false, taken: 0 }
);

export class CommandRows<E> {
  readonly #rows: Rows;
  readonly #format: RowFormat<E>;
  /** The row of each bucket that takes more. */
  readonly #open = new Map<string, CommandRow<E>>();
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
      const named = bucketIn(name.slice(format.prefix.length));
      if (!named) continue; // no row has such a name
      opened.#next = Math.max(opened.#next, named.n + 1);
      found.push(rowOf<E>(name, named.bucket, null));
    }
    return { rows: opened, found };
  }

  /** Writes down an entry of a command of a bucket. @returns The row it is in. @throws {StoreError} */
  add(bucket: string, entry: E): Promise<CommandRow<E>> {
    const row = this.#withRoom(bucket);
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
      if (this.#open.get(row.bucket) === row) this.#open.delete(row.bucket);
      this.#dead.push(row.name);
    }
  }

  #withRoom(bucket: string): CommandRow<E> {
    const { prefix, perRow } = this.#format;
    const open = this.#open.get(bucket);
    if (open && open.taken < perRow) return open;
    const row = rowOf<E>(`${prefix}${bucket}/${this.#next++}`, bucket, []);
    this.#open.set(bucket, row);
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
    if (this.#open.get(row.bucket) === row) this.#open.delete(row.bucket);
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
