/**
 * The guard against replays: it keeps the ids of commands that were carried out, each with the hash of what it asked
 * for, so that none is carried out twice, whatever the wall clock does.
 *
 * An id is known, or the minute in which its command expires is durably among those that were forgotten, and
 * every command of such a minute is refused. So no clock, ahead or behind, makes this node forget an id and
 * then take it again; and a clock that was ahead and is put right is of no consequence but for the minutes
 * that it was in, when they come.
 * @module
 */
import * as v from "valibot";
import { bytes, list, record, uint } from "../../crypto/codec.ts";
import { SessionError, StoreError, unlessStore } from "../../errors.ts";
import { clockSkew, idsKeptAfterExpiry, maxCommandAge, maxCommandIds } from "../../limits.ts";
import type { Rows } from "../../keystore/rows.ts";
import { type CommandRow, CommandRows, type RowFormat } from "./command_rows.ts";
import { endOf, maxRanges, minuteOf, Minutes } from "./minutes.ts";

/** The most ids in one row: 5 kB, which are written anew for each of them. */
const idsPerRow = 64;

const entry = v.strictTuple([
  /** The key of the command: see `commandKey`. */
  bytes(16),
  /** The time at which it expires, ms. */
  uint,
  /** The hash of what it asks for: see `contentOf`. */
  bytes(32),
]);
type Entry = v.InferOutput<typeof entry>;
type Row = CommandRow<Entry>;

const idRows: RowFormat<Entry> = {
  prefix: "command/",
  record: record("quorate/2/commands-seen", { entries: list(entry, idsPerRow) }),
  perRow: idsPerRow,
};

/** The minutes whose ids were forgotten. */
const forgottenRecord = record("quorate/1/commands-forgotten", {
  ranges: list(v.strictTuple([uint, uint]), maxRanges),
});
const forgottenRow = "commands/forgotten";

/** The commands that expire in one minute. */
interface Minute {
  ids: Set<string>;
  rows: Set<Row>;
  /** A row of it cannot be read: any command of it may have been carried out. */
  damaged: boolean;
  /** The time at which the last of its commands came, or was read, by the monotonic clock. */
  since: number;
}

/** A command that was carried out. */
interface Carried {
  readonly expires: number;
  /** See `contentOf`, 64 hex digits. */
  readonly content: string;
}

export interface ReplayGuardOptions {
  /** Wall time, ms. */
  now(): number;
  /** Time that does not leap, ms. */
  monotonic(): number;
  /** Outcomes are kept this long after their command has expired, ms. */
  readonly outcomesMs: number;
  /** Ids are kept this long, ms: no shorter. */
  readonly idsMs: number;
  /** Called with minutes before their ids are forgotten: no outcome outlives the id of its command. */
  forgotten?(minutes: readonly number[]): void;
}

/** The number of rows that are read at the same time when a node starts. */
const readAtOnce = 64;

/** The part of a full table that is freed at once. */
const freedShare = 1 / 8;

/**
 * A minute is kept this long after its last command, ms: until then a clock that leaps may still let its
 * commands in.
 */
const rememberedAtLeast = maxCommandAge + 2 * clockSkew;

export class ReplayGuard {
  readonly #disk: Rows;
  readonly #rows: CommandRows<Entry>;
  readonly #options: ReplayGuardOptions;
  readonly #known = new Map<string, Carried>();
  readonly #minutes = new Map<number, Minute>();
  /** The minutes of which a row could not be read. */
  readonly #damaged: number[] = [];
  #forgotten = new Minutes();
  #forgottenVersion: number | null = null;
  /** The minute in which this node last looked for what is over. */
  #looked = -1;
  /** The forgetting under way: one at a time. */
  #forgetting: Promise<void> = Promise.resolve();

  private constructor(disk: Rows, rows: CommandRows<Entry>, options: ReplayGuardOptions) {
    this.#disk = disk;
    this.#rows = rows;
    this.#options = options;
  }

  /**
   * Reads what was kept; what is over is not read. A row that cannot be read has any command of its minute.
   *
   * @throws {StoreError} If rows cannot be listed.
   */
  static async open(rows: Rows, options: ReplayGuardOptions): Promise<ReplayGuard> {
    const { rows: commands, found } = await CommandRows.open(rows, idRows);
    const guard = new ReplayGuard(rows, commands, options);
    await guard.#readForgotten();
    // Also of minutes that count as forgotten: those are more than were, if their row was damaged once.
    for (const row of found) guard.#minute(row.minute).rows.add(row);
    await guard.#forget((minute) => guard.#isPast(minute)).catch(unlessStore);
    await guard.#loadAll();
    return guard;
  }

  /** A command that was carried out, or undefined. */
  carried(id: string): Carried | undefined {
    return this.#known.get(id);
  }

  /** Whether a command that was carried out expired so long ago that its outcome is not kept any more. */
  isOutcomeForgotten(id: string): boolean {
    const carried = this.#known.get(id);
    return carried !== undefined && carried.expires + this.#options.outcomesMs <= this.#options.now();
  }

  /**
   * Whether a row cannot be read that may have an unknown id.
   *
   * @param since Of commands that expire then or later, ms.
   */
  isDamaged(since: number): boolean {
    const kept = Math.max(since, this.#options.now() - this.#options.idsMs);
    return this.#damaged.some((minute) => endOf(minute) >= kept);
  }

  /**
   * Whether a command may be new.
   *
   * @param content See `contentOf`, 64 hex digits.
   * @throws {SessionError} `id-reused` if another command was carried out under its id; `outcome-forgotten` or
   * `replayed-command` if it was carried out; `replayed-command` also if the row that would say so is damaged;
   * `clock-skew` if commands that expire then were forgotten while this node's clock was ahead.
   */
  check(id: string, expires: number, content: string): void {
    const minute = minuteOf(expires);
    const carried = this.#known.get(id);
    if (carried && carried.content !== content) throw new SessionError("id-reused");
    if (this.isOutcomeForgotten(id)) throw new SessionError("outcome-forgotten");
    if (carried || this.#minutes.get(minute)?.damaged) throw new SessionError("replayed-command");
    if (this.#forgotten.has(minute)) throw new SessionError("clock-skew");
  }

  /**
   * Marks a command as carried out; resolves when that is on disk.
   *
   * @throws {SessionError} As of {@linkcode check}; `overloaded` if the table is full, `store-failed`.
   */
  async add(id: string, expires: number, content: string): Promise<void> {
    this.check(id, expires, content);
    if (this.#known.size >= maxCommandIds) await this.#makeRoom();
    this.check(id, expires, content);
    this.#known.set(id, { expires, content });
    const minute = this.#minute(minuteOf(expires));
    minute.ids.add(id);
    minute.since = this.#options.monotonic();
    this.#look();
    let row: Row;
    try {
      const written: Entry = [Uint8Array.fromHex(id), expires, Uint8Array.fromHex(content)];
      row = await this.#rows.add(minuteOf(expires), written);
    } catch (cause) {
      this.#known.delete(id);
      minute.ids.delete(id);
      throw new SessionError("store-failed", { cause });
    }
    this.#minute(row.minute).rows.add(row);
  }

  #minute(minute: number): Minute {
    const known = this.#minutes.get(minute) ?? {
      ids: new Set(),
      rows: new Set(),
      damaged: false,
      since: this.#options.monotonic(),
    };
    this.#minutes.set(minute, known);
    return known;
  }

  /** Reads all rows, some at a time: a node of four weeks has 40,000. */
  async #loadAll(): Promise<void> {
    const rows = [...this.#minutes.values()].flatMap((minute) =>
      [...minute.rows].map((row) => ({ row, minute }))
    );
    const read = async () => {
      for (let next = rows.pop(); next; next = rows.pop()) await this.#load(next.row, next.minute);
    };
    await Promise.all(Array.from({ length: readAtOnce }, read));
  }

  async #load(row: Row, minute: Minute): Promise<void> {
    try {
      for (const [id, expires, content] of await this.#rows.read(row)) {
        this.#known.set(id.toHex(), { expires, content: content.toHex() });
        minute.ids.add(id.toHex());
      }
    } catch (error) {
      unlessStore(error);
      minute.damaged = true;
      this.#damaged.push(row.minute);
    }
  }

  /**
   * Reads the forgotten minutes. If they cannot be read, every minute up to those of commands of now counts as one, then
   * and at each later start: what expires in one and is not known is refused.
   *
   * @throws {StoreError}
   */
  async #readForgotten(): Promise<void> {
    try {
      const found = await this.#disk.get(forgottenRow);
      if (!found) return;
      this.#forgottenVersion = found.version;
      this.#forgotten = new Minutes(forgottenRecord.decode(found.plain).ranges);
    } catch {
      await this.#disk.erase(forgottenRow);
      this.#forgottenVersion = null;
      await this.#writeForgotten(
        new Minutes([[0, minuteOf(this.#options.now() + maxCommandAge + 2 * clockSkew)]]),
      );
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

  /** Whether no clock within the allowed skew lets a command of this minute in. */
  #isExpired(minute: number): boolean {
    return endOf(minute) + idsKeptAfterExpiry <= this.#options.now();
  }

  /** Whether the ids of a minute have been kept as long as they should be. */
  #isPast(minute: number): boolean {
    return this.#isExpired(minute) && endOf(minute) + this.#options.idsMs <= this.#options.now();
  }

  /** Whether a minute is past, and not only because the clock has just leapt ahead. */
  #isOver(minute: number): boolean {
    const { since } = this.#minutes.get(minute)!;
    return this.#isPast(minute) && this.#options.monotonic() - since >= rememberedAtLeast;
  }

  /** Forgets the minutes that are over, once a minute and in the background. */
  #look(): void {
    const minute = minuteOf(this.#options.now());
    if (this.#looked === minute) return;
    this.#looked = minute;
    void this.#forget((minute) => this.#isOver(minute)).catch(unlessStore);
  }

  /**
   * Makes room in a full table: the oldest commands go first, of those that have expired everywhere; then those that
   * came while the clock was far ahead.
   *
   * @throws {SessionError} `overloaded`, `store-failed`.
   */
  async #makeRoom(): Promise<void> {
    const latest = minuteOf(this.#options.now() + maxCommandAge + 2 * clockSkew);
    try {
      const oldest = this.#oldest();
      await this.#forget((minute) => oldest.has(minute));
      if (this.#known.size >= maxCommandIds) await this.#forget((minute) => minute > latest);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    if (this.#known.size >= maxCommandIds) throw new SessionError("overloaded");
  }

  /** The oldest minutes that have expired everywhere, with enough ids together to be worth a write. */
  #oldest(): Set<number> {
    const expired = [...this.#minutes.keys()].filter((minute) => this.#isExpired(minute)).sort((a, b) =>
      a - b
    );
    let ids = 0;
    return new Set(expired.filter((minute) => {
      const isWanted = ids < maxCommandIds * freedShare;
      ids += this.#minutes.get(minute)!.ids.size;
      return isWanted;
    }));
  }

  /** Forgets whole minutes, after the forgetting under way. @throws {StoreError} */
  #forget(which: (minute: number) => boolean): Promise<void> {
    const forgotten = this.#forgetting.then(() => this.#forgetNow(which));
    this.#forgetting = forgotten.catch(() => {}); // the caller receives the failure
    return forgotten;
  }

  /** Forgets minutes: that they are forgotten is on disk before any id of them is gone. */
  async #forgetNow(which: (minute: number) => boolean): Promise<void> {
    const minutes = [...this.#minutes.keys()].filter(which);
    if (minutes.length === 0) return;
    await this.#writeForgotten(this.#forgotten.with(minutes));
    this.#options.forgotten?.(minutes);
    for (const minute of minutes) {
      const { ids, rows } = this.#minutes.get(minute)!;
      for (const id of ids) this.#known.delete(id);
      this.#rows.bury(rows);
      this.#minutes.delete(minute);
    }
  }
}
