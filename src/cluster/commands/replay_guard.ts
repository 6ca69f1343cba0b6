/**
 * The guard against replays: it keeps the ids of commands that were carried out, each with the hash of what it asked
 * for, so that none is carried out twice, whatever the wall clock does.
 *
 * Ids are kept by their buckets: see `bucketOf`. An id is known, or the minute in which its command expires is durably
 * among those that were forgotten, and every command of such a minute is refused. So no clock, ahead or behind, makes this node forget an id and
 * then take it again; and a clock that was ahead and is put right is of no consequence but for the minutes
 * that it was in, when they come.
 *
 * A full table forgets ids of whoever has most of them: an initiator that has fewer than an equal share loses none.
 * @module
 */
import * as v from "valibot";
import { bytes, list, record, uint } from "../../crypto/codec.ts";
import { SessionError, StoreError, unlessStore } from "../../errors.ts";
import { clockSkew, idsKeptAfterExpiry, maxCommandAge, maxCommandIds } from "../../limits.ts";
import type { Rows } from "../../keystore/rows.ts";
import { commandKeyLength } from "../records/command.ts";
import { bucketOf, minuteIn, oldestOfLargest } from "./buckets.ts";
import { type CommandRow, CommandRows, type RowFormat } from "./command_rows.ts";
import { endOf, maxRanges, minuteOf, Minutes } from "./minutes.ts";

/** The most ids in one row: 5 kB, which are written anew for each of them. */
const idsPerRow = 64;

const entry = v.strictTuple([
  /** The key of the command: see `commandKey`. */
  bytes(commandKeyLength),
  /** The time at which it expires, ms. */
  uint,
  /** The hash of what it asks for: see `contentOf`. */
  bytes(32),
]);
type Entry = v.InferOutput<typeof entry>;
type Row = CommandRow<Entry>;

const idRows: RowFormat<Entry> = {
  prefix: "command/",
  record: record("quorate/3/commands-seen", { entries: list(entry, idsPerRow) }),
  perRow: idsPerRow,
};

/** The minutes whose ids were forgotten. */
const forgottenRecord = record("quorate/1/commands-forgotten", {
  ranges: list(v.strictTuple([uint, uint]), maxRanges),
});
const forgottenRow = "commands/forgotten";

/** The commands of a bucket. */
interface Bucket {
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
  /** Called with buckets before their ids are forgotten: no outcome outlives the id of its command. */
  forgotten?(buckets: readonly string[]): void;
}

/** The number of rows that are read at the same time when a node starts. */
const readAtOnce = 64;

/** The part of an initiator's ids in a full table that is freed at once. */
const freedShare = 1 / 8;

/**
 * A bucket is kept this long after its last command, ms: until then a clock that leaps may still let its
 * commands in.
 */
const rememberedAtLeast = maxCommandAge + 2 * clockSkew;

export class ReplayGuard {
  readonly #disk: Rows;
  readonly #rows: CommandRows<Entry>;
  readonly #options: ReplayGuardOptions;
  readonly #known = new Map<string, Carried>();
  readonly #buckets = new Map<string, Bucket>();
  /** The buckets of which a row could not be read. */
  readonly #damaged: string[] = [];
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
   * Reads what was kept; what is over is not read. A row that cannot be read has any command of its bucket.
   *
   * @throws {StoreError} If rows cannot be listed.
   */
  static async open(rows: Rows, options: ReplayGuardOptions): Promise<ReplayGuard> {
    const { rows: commands, found } = await CommandRows.open(rows, idRows);
    const guard = new ReplayGuard(rows, commands, options);
    await guard.#readForgotten();
    // Also of minutes that count as forgotten: those are more than were, if their row was damaged once.
    for (const row of found) guard.#bucket(row.bucket).rows.add(row);
    await guard.#forget((bucket) => guard.#isPast(minuteIn(bucket))).catch(unlessStore);
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
   * True if a row cannot be read that may have an unknown id: one of its initiator's.
   *
   * @param since Of commands that expire then or later, ms.
   */
  isDamaged(id: string, since: number): boolean {
    const kept = Math.max(since, this.#options.now() - this.#options.idsMs);
    return this.#damaged.some((bucket) => {
      const end = endOf(minuteIn(bucket));
      return end >= kept && bucket === bucketOf(id, end - 1);
    });
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
    const carried = this.#known.get(id);
    if (carried && carried.content !== content) throw new SessionError("id-reused");
    if (this.isOutcomeForgotten(id)) throw new SessionError("outcome-forgotten");
    const isDamaged = this.#buckets.get(bucketOf(id, expires))?.damaged;
    if (carried || isDamaged) throw new SessionError("replayed-command");
    if (this.#forgotten.has(minuteOf(expires))) throw new SessionError("clock-skew");
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
    const bucket = this.#bucket(bucketOf(id, expires));
    bucket.ids.add(id);
    bucket.since = this.#options.monotonic();
    this.#look();
    let row: Row;
    try {
      const written: Entry = [Uint8Array.fromHex(id), expires, Uint8Array.fromHex(content)];
      row = await this.#rows.add(bucketOf(id, expires), written);
    } catch (cause) {
      this.#known.delete(id);
      bucket.ids.delete(id);
      throw new SessionError("store-failed", { cause });
    }
    this.#bucket(row.bucket).rows.add(row);
  }

  #bucket(name: string): Bucket {
    const known = this.#buckets.get(name) ?? {
      ids: new Set(),
      rows: new Set(),
      damaged: false,
      since: this.#options.monotonic(),
    };
    this.#buckets.set(name, known);
    return known;
  }

  /** Reads all rows, some at a time: a node of four weeks has 40,000. */
  async #loadAll(): Promise<void> {
    const rows = [...this.#buckets.values()].flatMap((bucket) =>
      [...bucket.rows].map((row) => ({ row, bucket }))
    );
    const read = async () => {
      for (let next = rows.pop(); next; next = rows.pop()) await this.#load(next.row, next.bucket);
    };
    await Promise.all(Array.from({ length: readAtOnce }, read));
  }

  async #load(row: Row, bucket: Bucket): Promise<void> {
    try {
      for (const [id, expires, content] of await this.#rows.read(row)) {
        this.#known.set(id.toHex(), { expires, content: content.toHex() });
        bucket.ids.add(id.toHex());
      }
    } catch (error) {
      unlessStore(error);
      bucket.damaged = true;
      this.#damaged.push(row.bucket);
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

  /** True if a bucket is past, and not only because the clock has just leapt ahead. */
  #isOver(bucket: string): boolean {
    const { since } = this.#buckets.get(bucket)!;
    return this.#isPast(minuteIn(bucket)) && this.#options.monotonic() - since >= rememberedAtLeast;
  }

  /** Forgets the buckets that are over, once a minute and in the background. */
  #look(): void {
    const minute = minuteOf(this.#options.now());
    if (this.#looked === minute) return;
    this.#looked = minute;
    void this.#forget((bucket) => this.#isOver(bucket)).catch(unlessStore);
  }

  /**
   * Makes room in a full table: the oldest commands of whoever has most go first, of those that have expired everywhere;
   * then those that came while the clock was far ahead.
   *
   * @throws {SessionError} `overloaded`, `store-failed`.
   */
  async #makeRoom(): Promise<void> {
    const latest = minuteOf(this.#options.now() + maxCommandAge + 2 * clockSkew);
    try {
      const oldest = this.#oldest();
      await this.#forget((bucket) => oldest.has(bucket));
      if (this.#known.size >= maxCommandIds) await this.#forget((bucket) => minuteIn(bucket) > latest);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
    if (this.#known.size >= maxCommandIds) throw new SessionError("overloaded");
  }

  /** The buckets of one initiator that have expired everywhere, with enough ids together to be worth a write. */
  #oldest(): Set<string> {
    const sizes = new Map([...this.#buckets].map(([bucket, { ids }]) => [bucket, ids.size]));
    const { buckets, size } = oldestOfLargest(sizes, (minute) => this.#isExpired(minute));
    let ids = 0;
    return new Set(buckets.filter((bucket) => {
      const isWanted = ids < size * freedShare;
      ids += sizes.get(bucket)!;
      return isWanted;
    }));
  }

  /** Forgets whole buckets, after the forgetting under way. @throws {StoreError} */
  #forget(which: (bucket: string) => boolean): Promise<void> {
    const forgotten = this.#forgetting.then(() => this.#forgetNow(which));
    this.#forgetting = forgotten.catch(() => {}); // the caller receives the failure
    return forgotten;
  }

  /** Forgets buckets: that their minutes are forgotten is on disk before any id of them is gone. */
  async #forgetNow(which: (bucket: string) => boolean): Promise<void> {
    const buckets = [...this.#buckets.keys()].filter(which);
    if (buckets.length === 0) return;
    await this.#writeForgotten(this.#forgotten.with(buckets.map(minuteIn)));
    this.#options.forgotten?.(buckets);
    for (const bucket of buckets) {
      const { ids, rows } = this.#buckets.get(bucket)!;
      for (const id of ids) this.#known.delete(id);
      this.#rows.bury(rows);
      this.#buckets.delete(bucket);
    }
  }
}
