/**
 * Pairs that must not multiply any more with what they share under one key. A ban is this node's own finding, on disk
 * before anyone hears of it; what others say of theirs is shown, and nothing is decided on it.
 * @module
 */
import * as v from "valibot";
import { bytes, peerId, record, text, uint } from "../crypto/codec.ts";
import type { Curve, SessionId } from "../events.ts";
import { type PeerId, SessionError } from "../failure.ts";
import { retryFirst, retryLast } from "../limits.ts";
import type { Clock } from "../ports.ts";
import type { KeyRow, Rows } from "../session/commit.ts";
import { pause } from "../session/deadline.ts";
import { erasePairs } from "../session/pair_rows.ts";
import { banRows, keyRows } from "../session/row_names.ts";

/** A pair that must not use a key together any more. */
export interface Ban {
  /** The wallet's name. */
  wallet: string;
  /** The curve of its key. */
  curve: Curve;
  /** Of the key. */
  epoch: number;
  /** The session that made the key. */
  key: SessionId;
  /** Who found it. */
  by: PeerId;
  /** Whose message failed the check. */
  other: PeerId;
  /** Wall time of the finding, ms since 1970. */
  at: number;
}

const fields = {
  wallet: text(64),
  curve: v.picklist(["ed25519", "secp256k1"] satisfies Curve[]),
  epoch: uint,
  key: bytes(32),
  other: peerId,
  at: uint,
};
/** On disk; `session`: in which the check failed. */
const banRecord = record("quorate/1/ban", { ...fields, session: bytes(32) });
type BanRow = ReturnType<typeof banRecord.decode>;
/** As it is told to others, who know by whom. */
const toldRecord = record("quorate/1/told-ban", fields);

/** This node's ban, for another to show. */
export function encodeBan({ by: _by, key, ...rest }: Ban): Uint8Array {
  return toldRecord.encode({ ...rest, key: Uint8Array.fromHex(key) });
}
/** A ban as `by` tells it. @throws {TypeError} */
export function decodeBan(encoded: Uint8Array, by: PeerId): Ban {
  const { key, ...rest } = toldRecord.decode(encoded);
  return { ...rest, key: key.toHex(), by };
}

const rowsOf = (key: SessionId) => `${banRows}${key}/`;
const nameOf = (key: SessionId, other: PeerId) => rowsOf(key) + other;

/** Bans that others tell of; more are not shown. */
const maxTold = 1024;

export interface BansOptions {
  rows: Rows;
  clock: Clock;
  self: PeerId;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

export class Bans {
  readonly #o: BansOptions;
  readonly #own = new Map<string, Ban>();
  readonly #told = new Map<string, Ban>();
  /** Rows that could not be read, and of which key of this node each is, or null if its name does not tell. */
  readonly #damaged = new Map<string, { key: SessionId | null; cause: unknown }>();

  private constructor(options: BansOptions) {
    this.#o = options;
  }

  /**
   * Reads what is on disk, and erases the pairs that are banned, should the node have fallen over before it did. A ban
   * that cannot be read makes its key unusable, not the node: see `check`.
   *
   * @throws {StoreError} If the store cannot be listed, or a pair not be erased.
   */
  static async open(options: BansOptions): Promise<Bans> {
    const bans = new Bans(options);
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
      const { session: _session, key, ...rest } = row;
      bans.#own.set(name, { ...rest, key: key.toHex(), by: options.self });
      await erasePairs(options.rows, key, rest.other);
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
    return [...this.#own.values()].filter((ban) => ban.key === key).map(({ other }) => other);
  }

  /** This node's own. */
  own(): Ban[] {
    return [...this.#own.values()];
  }

  /** This node's own, and those of others as they tell. */
  all(): Ban[] {
    return [...this.#own.values(), ...this.#told.values()];
  }

  /**
   * Bans a pair: in memory at once, and then on disk. If that fails it is tried again, for as long as the node runs.
   *
   * @param session The session in which its check failed, 32 bytes.
   * @throws {StoreError} If the first attempt to write it failed.
   */
  async add(key: KeyRow, other: PeerId, session: Uint8Array): Promise<Ban> {
    const { self, clock } = this.#o;
    const { wallet, curve, epoch } = key.key!;
    const at = Math.floor(clock.now());
    const about = { wallet, curve, epoch, other, at };
    const row: BanRow = { ...about, key: key.session, session };
    const ban: Ban = { ...about, key: key.session.toHex(), by: self };
    const name = nameOf(ban.key, other);
    this.#own.set(name, ban);
    try {
      await this.#write(name, row);
    } catch (error) {
      void this.#writeLater(name, row);
      throw error;
    }
    return ban;
  }

  /** False means that it is there already: as good. */
  async #write(name: string, row: BanRow): Promise<void> {
    await this.#o.rows.swap(name, null, banRecord.encode(row));
  }

  async #writeLater(name: string, row: BanRow): Promise<void> {
    const { clock, stopping } = this.#o;
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

  /** What another peer says that it has found. */
  tell(ban: Ban): void {
    if (ban.by === this.#o.self) return;
    const name = `${ban.by} ${nameOf(ban.key, ban.other)}`;
    if (this.#told.has(name) || this.#told.size < maxTold) this.#told.set(name, ban);
  }
}
