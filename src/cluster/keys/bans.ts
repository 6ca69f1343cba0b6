/**
 * The bans of pairs: two peers that must not multiply their secrets for one key any more. A ban of this node
 * is its own finding, on disk before any peer learns of it; if the disk goes back, other peers send it back,
 * signed by this node. The bans that others report are shown, and nothing is decided on them.
 * @module
 */
import { SessionError, unlessStore } from "../../errors.ts";
import type { SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { erasePairs } from "../../keystore/pair_rows.ts";
import { banRows, keyRows } from "../../keystore/row_names.ts";
import type { Rows } from "../../keystore/rows.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Clock, Identity } from "../../ports.ts";
import { schemes } from "../../schemes/schemes.ts";
import { pause } from "../../session/deadline.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Ban, banOf, banRecord, type BanRow } from "../records/ban_record.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { ReportedBans } from "./reported_bans.ts";

const rowsOf = (keyId: SessionId) => `${banRows}${keyId}/`;
const nameOf = (keyId: SessionId, other: PeerId) => rowsOf(keyId) + other;

export interface BansOptions {
  rows: Rows;
  clock: Clock;
  self: PeerId;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

/** A row that could not be read. */
interface DamagedRow {
  /** The id of this node's key that it is about; null if the row's name does not show that. */
  readonly keyId: SessionId | null;
  readonly cause: unknown;
}

export class Bans implements OfMembers {
  readonly #options: BansOptions;
  /** This node's own bans, by the name of the row. */
  readonly #own = new Map<string, BanRow>();
  /** The bans of others. */
  readonly #reported: ReportedBans;
  /** This node's own bans as others get them, by the name of the row. */
  readonly #signed = new Map<string, Uint8Array>();
  readonly #damaged = new Map<string, DamagedRow>();
  /** The first writes of bans, under way, by the name of the row: nothing of these bans may show yet. */
  readonly #writing = new Map<string, Promise<void>>();

  private constructor(options: BansOptions, reported: ReportedBans) {
    this.#options = options;
    this.#reported = reported;
  }

  /**
   * Reads all rows, and erases the banned pairs, in case the node crashed before it did. An unreadable ban
   * makes its key unusable, not the node: see {@linkcode check}.
   *
   * @throws {StoreError} If rows cannot be listed, or a pair cannot be erased.
   */
  static async open(options: BansOptions): Promise<Bans> {
    const bans = new Bans(options, await ReportedBans.open(options.rows));
    const keyIds = (await options.rows.names(keyRows)).map((name) => name.slice(keyRows.length));
    for (const name of await options.rows.names(banRows)) {
      let row: BanRow;
      try {
        const found = await options.rows.get(name);
        if (!found) continue;
        row = banRecord.decode(found.plain);
      } catch (cause) {
        // The name may be damaged too: it counts only if it has the id of a key that is here.
        const keyId = keyIds.find((keyId) => name.startsWith(rowsOf(keyId))) ?? null;
        bans.#damaged.set(name, { keyId, cause });
        continue;
      }
      bans.#own.set(name, row);
      await erasePairs(options.rows, row.keyId, row.other);
    }
    return bans;
  }

  /** The names of the rows that could not be read when the node started. */
  damaged(): string[] {
    return [...this.#damaged.keys()];
  }

  /**
   * Makes sure that every ban of a key is known. An unreadable ban still counts as a ban: until a restored
   * backup has repaired it, this node does not sign with its key, or with no key of a scheme that has bans,
   * if the name of the row does not show which key it is.
   *
   * @throws {SessionError} `store-failed`.
   */
  check({ key, session }: KeyRow): void {
    if (!schemes[key!.scheme].pairwise) return;
    for (const { keyId, cause } of this.#damaged.values()) {
      if (keyId === null || keyId === session.toHex()) throw new SessionError("store-failed", { cause });
    }
  }

  /** True if a pair is banned, on disk or not: no message may show it before {@linkcode Bans.written} has resolved. */
  has(keyId: SessionId, other: PeerId): boolean {
    return this.#own.has(nameOf(keyId, other));
  }

  /** Resolves when no ban of a pair is being written for the first time. */
  async written(keyId: SessionId, other: PeerId): Promise<void> {
    await this.#writing.get(nameOf(keyId, other));
  }

  /** The peers with which this node must not use a key, as it may show them. */
  of(keyId: SessionId): PeerId[] {
    return this.#shown().filter(([, row]) => row.keyId.toHex() === keyId).map(([, { other }]) => other);
  }

  /** This node's own bans. */
  own(): Ban[] {
    return this.#shown().map(([, row]) => banOf(row, this.#options.self));
  }

  /** This node's own bans that may show, with the names of their rows: all whose first write is over, however it ended. */
  #shown(): [string, BanRow][] {
    return [...this.#own].filter(([name]) => !this.#writing.has(name));
  }

  /** This node's own bans, and those that others report. */
  all(): Ban[] {
    return [...this.own(), ...this.#reported.all()];
  }

  /**
   * The bans that are sent to `peer`: this node's own, and those that `peer` has signed, in case it has lost
   * them.
   */
  async signedFor(identity: Identity, peer: PeerId): Promise<Uint8Array[]> {
    for (const [name, row] of this.#shown()) {
      if (!this.#signed.has(name)) this.#signed.set(name, (await sign(identity, banRecord, row)).encoded);
    }
    return [...this.#signed.values(), ...this.#reported.of(peer)];
  }

  /**
   * Bans a pair: in memory at once, and then on disk; only then does it show. If the write fails, it is tried again
   * while the node runs.
   *
   * @param session The session in which the peer failed a check, 32 bytes.
   * @throws {StoreError} If the first attempt to write it failed.
   */
  async add(key: KeyRow, other: PeerId, session: Uint8Array): Promise<Ban> {
    const { self, clock } = this.#options;
    const { wallet, scheme, epoch } = key.key!;
    const at = Math.floor(clock.now());
    const row: BanRow = { wallet, scheme, epoch, other, at, keyId: key.session, session };
    await this.#add(row);
    return banOf(row, self);
  }

  async #add(row: BanRow): Promise<void> {
    const name = nameOf(row.keyId.toHex(), row.other);
    this.#own.set(name, row);
    const writing = this.#write(name, row);
    this.#writing.set(name, writing.catch(() => {}).finally(() => this.#writing.delete(name))); // its error comes below
    try {
      await writing;
    } catch (error) {
      void this.#writeLater(name, row);
      throw error;
    }
  }

  /** Writes a ban, unless there is one already, which is just as good. */
  async #write(name: string, row: BanRow): Promise<void> {
    await this.#options.rows.swap(name, null, banRecord.encode(row));
  }

  async #writeLater(name: string, row: BanRow): Promise<void> {
    const { clock, stopping } = this.#options;
    for (let ms = retryFirst;; ms = Math.min(retryLast, 2 * ms)) {
      await pause(clock, ms, stopping);
      if (stopping.aborted) return;
      try {
        return await this.#write(name, row);
      } catch {
        // The next attempt may succeed; the session that found the ban has reported the failure of the store.
      }
    }
  }

  keepOnly(isMember: IsMember): void {
    this.#reported.keepOnly(isMember);
  }

  /**
   * Takes a ban whose signature was checked: another peer's to be shown, this node's own to be in force.
   *
   * @returns The ban, if it is this node's own and its store had lost it. It is in force at once, and on disk
   * as soon as that can be written.
   */
  async take(ban: Signed<BanRow>): Promise<Ban | null> {
    const { by, value } = ban;
    if (by !== this.#options.self) {
      await this.#reported.take(ban);
      return null;
    }
    if (this.has(value.keyId.toHex(), value.other)) return null;
    await this.#add(value).catch(unlessStore);
    await erasePairs(this.#options.rows, value.keyId, value.other).catch(unlessStore); // or at the next start
    return banOf(value, by);
  }
}
