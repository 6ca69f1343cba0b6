/**
 * The keys that a node knows: its own, and those that it has learnt of from the certificates of other peers.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import type { KeyName } from "../records/key_name.ts";
import { rosterIn } from "../records/preimage.ts";
import type { Frozen } from "./frozen.ts";
import { type GroupKey, groupKey } from "./group_key.ts";
import { KeyIndex } from "./key_index.ts";
import { type FindRoster, LearntKeys, type LearntKeysOptions } from "./learnt_keys.ts";
import { type NamedKeys, NameReservations } from "./name_reservations.ts";
import { hasName, OwnRows, type OwnRowsContext } from "./own_rows.ts";

export interface KeysOptions extends OwnRowsContext, Omit<LearntKeysOptions, "identity"> {
  readonly frozen: Frozen;
}

export class Keys {
  readonly #options: KeysOptions;
  /** This node's own rows. */
  readonly rows: OwnRows;
  /** The names that are reserved for key generations under way. */
  readonly names: NameReservations;
  readonly #learnt: LearntKeys;
  /** The keys of which this node holds a share, and those that it has learnt of. */
  readonly #index = new KeyIndex();
  /** The members that say that they hold no share, of each active key. */
  readonly #lacking = new Map<SessionId, Set<PeerId>>();

  private constructor(options: KeysOptions, rows: OwnRows) {
    this.#options = options;
    this.rows = rows;
    this.#learnt = new LearntKeys(options);
    for (const row of rows.all()) this.#indexOwn(row);
    rows.onChange((row) => this.#indexOwn(row));
    const named: NamedKeys = {
      own: (name) => this.own(name),
      named: (name) => this.named(name),
      walletsAlike: (wallet) => this.#walletsAlike(wallet),
      unfinished: () => rows.unfinished(),
      damaged: () => rows.damaged(),
    };
    this.names = new NameReservations(named);
  }

  /** Reads all rows. An unreadable row makes its key unusable, not the node. @throws {StoreError} */
  static async open(options: KeysOptions): Promise<Keys> {
    return new Keys(options, await OwnRows.open(options));
  }

  #indexOwn({ session, share, key }: KeyRow): void {
    const keyId = session.toHex();
    if (share.length > 0) this.#index.put(keyId, key!);
    else if (!this.#learnt.has(keyId)) this.#index.remove(keyId);
  }

  /**
   * This node's row of a key, if it holds a share: of the key with the id `keyId`, if that is given. A name
   * that was given up has none.
   */
  own(name: KeyName & { keyId?: Uint8Array }): KeyRow | undefined {
    const rows = this.#idsNamed(name).flatMap((keyId) => this.rows.withShare(keyId) ?? []).filter(hasName);
    const { keyId } = name;
    if (keyId && keyId.length > 0) return rows.find(({ session }) => equal(session, keyId));
    return rows.find(({ state }) => state === "active") ?? rows[0];
  }

  /**
   * Every key that this node knows, its own first. Two may have one name, if all members of both have signed
   * both: their ids tell them apart.
   */
  all(): GroupKey[] {
    const own = this.rows.all().map(({ session }) => session.toHex());
    const learnt = [...this.#learnt.ids()].filter((keyId) => !this.rows.withShare(keyId));
    return this.#withIds([...own, ...learnt]);
  }

  /** The usable keys with a name; if there are none, the pending ones. */
  named(name: KeyName): GroupKey[] {
    const all = this.#withIds(this.#idsNamed(name));
    const active = all.filter(({ state }) => state !== "pending");
    return active.length > 0 ? active : all;
  }

  /** The key with an id. */
  withId(keyId: SessionId): GroupKey | undefined {
    const row = this.#known(keyId);
    return row && groupKey(row, { frozen: this.#options.frozen.has(keyId) });
  }

  #withIds(keyIds: readonly SessionId[]): GroupKey[] {
    return keyIds.flatMap((keyId) => this.withId(keyId) ?? []);
  }

  #idsNamed(name: KeyName): SessionId[] {
    return [...this.#index.named(name)];
  }

  #walletsAlike(wallet: string): string[] {
    return [...this.#index.alike(wallet)].flatMap((keyId) => this.#known(keyId)?.key?.wallet ?? []);
  }

  /** This node's own row of a key if the key has its name, otherwise the row that was learnt. */
  #known(keyId: SessionId): KeyRow | undefined {
    const own = this.rows.withShare(keyId);
    return own && hasName(own) ? own : this.#learnt.get(keyId);
  }

  /** Whether the certificate of a key is known here. */
  certain(keyId: SessionId): boolean {
    return this.rows.withShare(keyId)?.state === "active" || this.#learnt.has(keyId);
  }

  /**
   * The certificates of active keys, and whether this node holds a share of each, in the order in which that
   * changed.
   *
   * @param after Only the certificates after the key with this id; all of them if it is not known.
   */
  *certificates(after: SessionId = ""): Generator<{ row: KeyRow; held: boolean }> {
    for (const keyId of this.#index.since(after)) {
      const row = this.#known(keyId);
      if (row?.state !== "active") continue;
      yield { row: { ...row, share: new Uint8Array(), opens: [] }, held: row.share.length > 0 };
    }
  }

  /** Notes whether a member says that it holds a share of a key, if the key is known here. */
  holds(session: Uint8Array, peer: PeerId, held: boolean): void {
    const keyId = session.toHex();
    const known = this.rows.withShare(keyId) ?? this.#learnt.get(keyId);
    if (!known?.key?.members.includes(peer)) return;
    const lacking = this.#lacking.get(keyId) ?? new Set<PeerId>();
    if (held) lacking.delete(peer);
    else lacking.add(peer);
    if (lacking.size > 0) this.#lacking.set(keyId, lacking);
    else this.#lacking.delete(keyId);
  }

  /** The members that say that they hold no share of a key. */
  lacking(keyId: SessionId): ReadonlySet<PeerId> {
    return this.#lacking.get(keyId) ?? new Set();
  }

  /**
   * Takes the certificate of a key from another peer, if it is a key of this cluster and not one that its
   * members made on their own: see {@linkcode LearntKeys.accepts}.
   *
   * @param askRoster Asks the peer that showed the certificate for a past roster that is not here.
   * @returns Whether the key has become known or active by it.
   * @throws {StoreError}
   */
  async learn(
    row: KeyRow,
    askRoster: FindRoster = () => Promise.resolve(null),
  ): Promise<boolean> {
    if (row.state !== "active" || row.key === null) return false;
    const own = this.rows.row(row.session);
    if (own) {
      const promoted = await this.rows.promote(row.session, row.votes);
      if (own.share.length > 0) return promoted;
    }
    if (!await this.#learnt.accepts(row, askRoster)) return false;
    const isMember = row.key.members.includes(this.#options.identity.peer);
    if (isMember) await this.rows.forget(row.session);
    this.#learnt.add(row);
    const keyId = row.session.toHex();
    this.#index.put(keyId, row.key);
    this.#options.eventLog.emitKey(row.key, keyId, "active", { held: !isMember });
    return true;
  }

  /** Whether a known key was made under the roster with this hash, in hex. */
  needsRoster(hash: string): boolean {
    return [...this.rows.all(), ...this.#learnt.rows()].some(({ preimage }) =>
      rosterIn(preimage)?.toHex() === hash
    );
  }
}
