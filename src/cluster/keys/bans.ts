/**
 * Pairs that must not multiply any more with what they share under one key. A ban is this node's own finding, on disk
 * before anyone hears of it, and comes back signed from the others should the disk go back. What others say of theirs is
 * shown, and nothing is decided on it.
 * @module
 */
import type { SessionId } from "../../events.ts";
import { SessionError, unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Clock, Identity } from "../../ports.ts";
import type { KeyRow, Rows } from "../../keystore/key_rows.ts";
import { pause } from "../../session/deadline.ts";
import { erasePairs } from "../../keystore/pair_rows.ts";
import { banRows, keyRows } from "../../keystore/row_names.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Ban, banOf, banRecord, type BanRow } from "../records/ban_record.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { ToldBans } from "./told_bans.ts";

const rowsOf = (key: SessionId) => `${banRows}${key}/`;
const nameOf = (key: SessionId, other: PeerId) => rowsOf(key) + other;

export interface BansOptions {
  rows: Rows;
  clock: Clock;
  self: PeerId;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

export class Bans implements OfMembers {
  readonly #options: BansOptions;
  readonly #own = new Map<string, BanRow>();
  /** Those of others. */
  readonly #told: ToldBans;
  /** This node's own as others get them, by the name of the row. */
  readonly #signed = new Map<string, Uint8Array>();
  /** Rows that could not be read, and of which key of this node each is, or null if its name does not tell. */
  readonly #damaged = new Map<string, { key: SessionId | null; cause: unknown }>();

  private constructor(options: BansOptions, told: ToldBans) {
    this.#options = options;
    this.#told = told;
  }

  /**
   * Reads what is on disk, and erases the pairs that are banned, should the node have fallen over before it did. A ban
   * that cannot be read makes its key unusable, not the node: see `check`.
   *
   * @throws {StoreError} If the store cannot be listed, or a pair not be erased.
   */
  static async open(options: BansOptions): Promise<Bans> {
    const bans = new Bans(options, await ToldBans.open(options.rows));
    const keys = (await options.rows.names(keyRows)).map((name) => name.slice(keyRows.length));
    for (const name of await options.rows.names(banRows)) {
      let row: BanRow;
      try {
        const found = await options.rows.get(name);
        if (!found) continue;
        row = banRecord.decode(found.plain);
      } catch (cause) {
        // A name can be damaged too: only that of a key that is here tells whose ban it is.
        bans.#damaged.set(name, { key: keys.find((key) => name.startsWith(rowsOf(key))) ?? null, cause });
        continue;
      }
      bans.#own.set(name, row);
      await erasePairs(options.rows, row.key, row.other);
    }
    return bans;
  }

  /** Names of rows that could not be read when the node started. */
  damaged(): string[] {
    return [...this.#damaged.keys()];
  }

  /**
   * Makes sure that every ban of a key is known. One that cannot be read is not no ban: until a restored backup has
   * mended it, this node does not sign with that key, or, if the name of the row does not tell which it is, with any of
   * secp256k1, which alone has bans.
   *
   * @throws {SessionError} `store-failed`.
   */
  check({ key, session }: KeyRow): void {
    if (key!.curve !== "secp256k1") return;
    for (const { key: of, cause } of this.#damaged.values()) {
      if (of === null || of === session.toHex()) throw new SessionError("store-failed", { cause });
    }
  }

  has(key: SessionId, other: PeerId): boolean {
    return this.#own.has(nameOf(key, other));
  }

  /** With whom this node must not use that key. */
  of(key: SessionId): PeerId[] {
    return [...this.#own.values()].filter((row) => row.key.toHex() === key).map(({ other }) => other);
  }

  /** This node's own. */
  own(): Ban[] {
    return [...this.#own.values()].map((row) => banOf(row, this.#options.self));
  }

  /** This node's own, and those of others as they tell. */
  all(): Ban[] {
    return [...this.own(), ...this.#told.all()];
  }

  /** The bans that `peer` is sent: this node's own, and those that `peer` signed itself, in case it has lost them. */
  async told(identity: Identity, peer: PeerId): Promise<Uint8Array[]> {
    for (const [name, row] of this.#own) {
      if (!this.#signed.has(name)) this.#signed.set(name, (await sign(identity, banRecord, row)).encoded);
    }
    return [...this.#signed.values(), ...this.#told.of(peer)];
  }

  /**
   * Bans a pair: in memory at once, and then on disk. If that fails it is tried again, for as long as the node runs.
   *
   * @param session The session in which its check failed, 32 bytes.
   * @throws {StoreError} If the first attempt to write it failed.
   */
  async add(key: KeyRow, other: PeerId, session: Uint8Array): Promise<Ban> {
    const { self, clock } = this.#options;
    const { wallet, curve, epoch } = key.key!;
    const at = Math.floor(clock.now());
    const row: BanRow = { wallet, curve, epoch, other, at, key: key.session, session };
    await this.#add(row);
    return banOf(row, self);
  }

  async #add(row: BanRow): Promise<void> {
    const name = nameOf(row.key.toHex(), row.other);
    this.#own.set(name, row);
    try {
      await this.#write(name, row);
    } catch (error) {
      void this.#writeLater(name, row);
      throw error;
    }
  }

  /** False means that it is there already: as good. */
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
        // The disk may answer the next time; the session that found it has told of the store.
      }
    }
  }

  keepOnly(isMember: IsMember): void {
    this.#told.keepOnly(isMember);
  }

  /**
   * Takes a ban whose signature is good: another's to be shown, this node's own as what it is, a finding of its own.
   *
   * @returns This node's own, if its store had lost it: it holds, and is on disk as soon as the disk takes it.
   */
  async tell(told: Signed<BanRow>): Promise<Ban | null> {
    const { by, value } = told;
    if (by !== this.#options.self) {
      await this.#told.tell(told);
      return null;
    }
    if (this.has(value.key.toHex(), value.other)) return null;
    await this.#add(value).catch(unlessStore);
    await erasePairs(this.#options.rows, value.key, value.other).catch(unlessStore); // or at the next start
    return banOf(value, by);
  }
}
