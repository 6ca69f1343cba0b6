/**
 * The ids of commands that were carried out: kept durably until no clock could let them in again. A full table refuses
 * new commands; it never forgets one.
 * @module
 */
import { bytes, bytesUpTo, record, uint } from "../crypto/codec.ts";
import { SessionError, StoreError } from "../failure.ts";
import { idsKeptAfterExpiry, maxCommandIds } from "../limits.ts";
import type { Rows } from "../session/commit.ts";

const seenRecord = record("quorate/1/command-seen", {
  id: bytes(16),
  expires: uint,
  /** The highest wall time of this node so far, ms. */
  now: uint,
  /** What came of it, once that is known: a signed result, at the coordinator. */
  outcome: bytesUpTo(80 * 1024),
});

const prefix = "command/";

export class CommandsSeen {
  readonly #rows: Rows;
  readonly #now: () => number;
  readonly #known = new Map<string, number>();
  #highest = 0;

  private constructor(rows: Rows, now: () => number) {
    this.#rows = rows;
    this.#now = now;
  }

  /** Reads what was kept. A row that cannot be read is of a command that was seen. @throws {StoreError} */
  static async open(rows: Rows, now: () => number): Promise<CommandsSeen> {
    const seen = new CommandsSeen(rows, now);
    for (const name of await rows.names(prefix)) {
      try {
        const found = await rows.get(name);
        if (!found) continue;
        const { id, expires, now } = seenRecord.decode(found.plain);
        seen.#known.set(id.toHex(), expires);
        seen.#highest = Math.max(seen.#highest, now);
      } catch {
        seen.#known.set(name.slice(prefix.length), Infinity); // until when it is good, it no longer says
      }
    }
    await seen.#forget();
    return seen;
  }

  /** Wall time, ms: never below what it was before a restart, whatever the clock says. */
  now(): number {
    return this.#highest = Math.max(this.#highest, this.#now());
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  /**
   * Marks a command as carried out; resolves when that is on disk.
   *
   * @throws {SessionError} `replayed-command` if it was before, `overloaded` if the table is full, `store-failed`.
   */
  async add(id: string, expires: number): Promise<void> {
    if (this.#known.has(id)) throw new SessionError("replayed-command");
    if (this.#known.size >= maxCommandIds) await this.#forget();
    if (this.#known.size >= maxCommandIds) throw new SessionError("overloaded");
    this.#known.set(id, expires);
    const row = { id: Uint8Array.fromHex(id), expires, now: this.now(), outcome: new Uint8Array() };
    let fresh: boolean;
    try {
      fresh = await this.#rows.swap(prefix + id, null, seenRecord.encode(row));
    } catch (cause) {
      this.#known.delete(id);
      throw new SessionError("store-failed", { cause });
    }
    if (!fresh) throw new SessionError("replayed-command");
  }

  /** Keeps what came of a command. Best effort: without it a repeated id is refused instead of answered. */
  async settle(id: string, outcome: Uint8Array): Promise<void> {
    const found = await this.#rows.get(prefix + id);
    if (!found) return;
    const row = seenRecord.decode(found.plain);
    await this.#rows.swap(prefix + id, found.version, seenRecord.encode({ ...row, outcome }));
  }

  /** What came of a command, or null if that is not known. @throws {StoreError} */
  async outcome(id: string): Promise<Uint8Array | null> {
    const name = prefix + id;
    const found = await this.#rows.get(name);
    if (found === null) return null;
    try {
      const { outcome } = seenRecord.decode(found.plain);
      return outcome.length > 0 ? outcome : null;
    } catch (cause) {
      throw new StoreError(`Cannot read ${name}: it is damaged`, { cause });
    }
  }

  async #forget(): Promise<void> {
    const now = this.now();
    for (const [id, expires] of [...this.#known]) {
      if (now <= expires + idsKeptAfterExpiry) continue;
      const name = prefix + id;
      const found = await this.#rows.get(name);
      if (found) await this.#rows.swap(name, found.version, null);
      this.#known.delete(id);
    }
  }
}
