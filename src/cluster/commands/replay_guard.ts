/**
 * The ids of commands that were carried out, so that none is carried out twice, whatever the wall clock does.
 *
 * An id is known, or the minute in which its command expires is durably among those that were forgotten, and every
 * command of such a minute is refused. So no clock, ahead or behind, makes this node forget an id and then take it again;
 * and a clock that was ahead and is put right is of no consequence but for the minutes that it was in, when they come.
 * @module
 */
import * as v from "valibot";
import { list, record, uint } from "../../crypto/codec.ts";
import { SessionError, StoreError, unlessStore } from "../../errors.ts";
import { clockSkew, idsKeptAfterExpiry, maxCommandAge, maxCommandIds } from "../../limits.ts";
import type { Rows } from "../../keystore/key_rows.ts";
import { type CommandRow, CommandRows } from "./command_rows.ts";
import { endOf, maxRanges, minuteOf, Minutes } from "./minutes.ts";

/** The minutes of which ids were forgotten. */
const forgottenRecord = record("quorate/1/commands-forgotten", {
  ranges: list(v.strictTuple([uint, uint]), maxRanges),
});
const forgottenRow = "commands/forgotten";

/** What is known of the commands that expire in one minute. */
interface Minute {
  ids: Set<string>;
  rows: Set<CommandRow>;
  /** A row of it cannot be read: any command of it may have been carried out. */
  damaged: boolean;
  /** When the last of its commands came, or was read, by the monotonic clock. */
  since: number;
}

/** A minute is not forgotten sooner after its last command, ms: until then its like may still be asked for, whatever a clock that leaps says. */
const rememberedAtLeast = maxCommandAge + 2 * clockSkew;

export class ReplayGuard {
  readonly #disk: Rows;
  readonly #rows: CommandRows;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  /** Each id, and the row it is in; null while that is being written. */
  readonly #known = new Map<string, CommandRow | null>();
  readonly #minutes = new Map<number, Minute>();
  #forgotten = new Minutes();
  #forgottenVersion: number | null = null;
  /** The minute in which this node last looked for what is over. */
  #looked = -1;
  /** One after the other. */
  #forgetting: Promise<void> = Promise.resolve();

  private constructor(disk: Rows, rows: CommandRows, now: () => number, monotonic: () => number) {
    this.#disk = disk;
    this.#rows = rows;
    this.#now = now;
    this.#monotonic = monotonic;
  }

  /**
   * Reads what was kept; what is over is not read. A row that cannot be read has any command of its minute.
   *
   * @param now Wall time, ms.
   * @param monotonic Time that does not leap, ms.
   * @throws {StoreError} If rows cannot be listed.
   */
  static async open(rows: Rows, now: () => number, monotonic: () => number = now): Promise<ReplayGuard> {
    const { rows: commands, found } = await CommandRows.open(rows);
    const seen = new ReplayGuard(rows, commands, now, monotonic);
    await seen.#readForgotten();
    // Rows that were to be deleted when this node last stopped.
    commands.bury(found.filter(({ minute }) => seen.#forgotten.has(minute)));
    for (const row of found) if (!seen.#forgotten.has(row.minute)) seen.#minute(row.minute).rows.add(row);
    await seen.#forget((minute) => seen.#isPast(minute)).catch(unlessStore);
    for (const minute of seen.#minutes.values()) {
      for (const row of minute.rows) await seen.#load(row, minute);
    }
    return seen;
  }

  /** Wall time, ms. */
  now(): number {
    return this.#now();
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  /**
   * Whether a command may be new.
   *
   * @throws {SessionError} `replayed-command` if it was carried out, or the row that would say so is damaged;
   * `clock-skew` if commands that expire then were forgotten while this node's clock was ahead.
   */
  check(id: string, expires: number): void {
    const minute = minuteOf(expires);
    if (this.#known.has(id) || this.#minutes.get(minute)?.damaged) throw new SessionError("replayed-command");
    if (this.#forgotten.has(minute)) throw new SessionError("clock-skew");
  }

  /**
   * Marks a command as carried out; resolves when that is on disk.
   *
   * @throws {SessionError} As of {@linkcode check}; `overloaded` if the table is full, `store-failed`.
   */
  async add(id: string, expires: number): Promise<void> {
    this.check(id, expires);
    if (this.#known.size >= maxCommandIds) await this.#makeRoom();
    this.check(id, expires);
    this.#known.set(id, null);
    const minute = this.#minute(minuteOf(expires));
    minute.ids.add(id);
    minute.since = this.#monotonic();
    this.#look();
    let row: CommandRow;
    try {
      row = await this.#rows.add(id, expires);
    } catch (cause) {
      this.#known.delete(id);
      minute.ids.delete(id);
      throw new SessionError("store-failed", { cause });
    }
    this.#minute(row.minute).rows.add(row);
    this.#known.set(id, row);
  }

  /** Keeps what came of a command. Best effort: without it a repeated id is refused instead of answered. */
  async settle(id: string, outcome: Uint8Array): Promise<void> {
    const row = this.#known.get(id);
    if (row) await this.#rows.settle(id, row, outcome);
  }

  /** What came of a command, or null if that is not known. @throws {StoreError} */
  async outcome(id: string): Promise<Uint8Array | null> {
    const row = this.#known.get(id);
    const [, , outcome] = row
      ? (await this.#rows.read(row)).find(([found]) => found.toHex() === id) ?? []
      : [];
    return outcome && outcome.length > 0 ? outcome : null;
  }

  #minute(minute: number): Minute {
    const known = this.#minutes.get(minute) ?? {
      ids: new Set(),
      rows: new Set(),
      damaged: false,
      since: this.#monotonic(),
    };
    this.#minutes.set(minute, known);
    return known;
  }

  async #load(row: CommandRow, minute: Minute): Promise<void> {
    try {
      for (const [id] of await this.#rows.read(row)) {
        this.#known.set(id.toHex(), row);
        minute.ids.add(id.toHex());
      }
    } catch (error) {
      unlessStore(error);
      minute.damaged = true;
    }
  }

  /** If that cannot be read, no minute is known not to be among them that commands of today can be in. @throws {StoreError} */
  async #readForgotten(): Promise<void> {
    try {
      const found = await this.#disk.get(forgottenRow);
      if (!found) return;
      this.#forgottenVersion = found.version;
      this.#forgotten = new Minutes(forgottenRecord.decode(found.plain).ranges);
    } catch {
      await this.#disk.erase(forgottenRow);
      this.#forgottenVersion = null;
      await this.#writeForgotten(new Minutes([[0, minuteOf(this.#now() + maxCommandAge + 2 * clockSkew)]]));
    }
  }

  /** @throws {StoreError} */
  async #writeForgotten(minutes: Minutes): Promise<void> {
    const plain = forgottenRecord.encode({ ranges: minutes.ranges.map(([from, to]) => [from, to]) });
    if (!await this.#disk.swap(forgottenRow, this.#forgottenVersion, plain)) {
      throw new StoreError(`Cannot write ${forgottenRow}: something else writes to this store`);
    }
    this.#forgottenVersion = (await this.#disk.get(forgottenRow))?.version ?? null;
    this.#forgotten = minutes;
  }

  /** Whether no clock that is as right as it should be lets a command of this minute in. */
  #isPast(minute: number): boolean {
    return endOf(minute) + idsKeptAfterExpiry <= this.#now();
  }

  /** Whether a minute is past, and not only because the clock has just leapt ahead. */
  #isOver(minute: number): boolean {
    const { since } = this.#minutes.get(minute)!;
    return this.#isPast(minute) && this.#monotonic() - since >= rememberedAtLeast;
  }

  /** Forgets what is over, once a minute; nobody waits for it. */
  #look(): void {
    const minute = minuteOf(this.#now());
    if (this.#looked === minute) return;
    this.#looked = minute;
    void this.#forget((minute) => this.#isOver(minute)).catch(unlessStore);
  }

  /**
   * A full table: what is past goes, and then what came while the clock was far ahead of where it is now.
   *
   * @throws {SessionError} `overloaded`, `store-failed`.
   */
  async #makeRoom(): Promise<void> {
    const latest = minuteOf(this.#now() + maxCommandAge + 2 * clockSkew);
    try {
      await this.#forget((minute) => this.#isPast(minute));
      if (this.#known.size >= maxCommandIds) await this.#forget((minute) => minute > latest);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    if (this.#known.size >= maxCommandIds) throw new SessionError("overloaded");
  }

  /** Forgets whole minutes, when what is being forgotten is forgotten. @throws {StoreError} */
  #forget(which: (minute: number) => boolean): Promise<void> {
    const forgotten = this.#forgetting.then(() => this.#forgetNow(which));
    this.#forgetting = forgotten.catch(() => {}); // who asked hears of it
    return forgotten;
  }

  /** That a minute is forgotten is on disk before any id of it is gone. */
  async #forgetNow(which: (minute: number) => boolean): Promise<void> {
    const minutes = [...this.#minutes.keys()].filter(which);
    if (minutes.length === 0) return;
    await this.#writeForgotten(this.#forgotten.with(minutes));
    for (const minute of minutes) {
      const { ids, rows } = this.#minutes.get(minute)!;
      for (const id of ids) this.#known.delete(id);
      this.#rows.bury(rows);
      this.#minutes.delete(minute);
    }
  }
}
