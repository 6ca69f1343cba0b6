/**
 * The keys that a node knows: its own, and those that it has learnt of from the certificates of other peers.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { isCertified, type KeyRow } from "../../keystore/key_rows.ts";
import type { KeyName } from "../records/key_name.ts";
import { rosterIn } from "../records/preimage.ts";
import { Epochs, type PastEpoch } from "./epochs/epochs.ts";
import type { Frozen } from "./frozen.ts";
import { type GroupKey, groupKey } from "./group_key.ts";
import { KeyIndex } from "./key_index.ts";
import { type FindRoster, LearntKeys, type LearntKeysOptions } from "./learnt_keys.ts";
import { type NamedKeys, NameReservations } from "./name_reservations.ts";
import { OwnRows, type OwnRowsContext } from "./own_rows.ts";
import { hasName } from "./row_index.ts";
import { ShareClaims } from "./epochs/share_claims.ts";

export interface KeysOptions extends OwnRowsContext, Omit<LearntKeysOptions, "identity"> {
  readonly frozen: Frozen;
  /** The peers with which this node must not use a key. */
  bannedFor(keyId: SessionId): PeerId[];
  /** True if this node takes part in no resharing of a key for now. */
  isPaused(keyId: SessionId): boolean;
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
  /** The certified epochs of all keys. */
  readonly epochs = new Epochs((keyId) => this.certified(keyId));
  readonly #claims = new ShareClaims();
  readonly #listeners = new Set<() => void>();

  private constructor(options: KeysOptions, rows: OwnRows) {
    this.#options = options;
    this.rows = rows;
    this.#learnt = new LearntKeys(options, (session) => this.certified(session.toHex()));
    for (const row of [...rows.all(), ...rows.known()]) {
      this.#indexOwn(row);
      if (isCertified(row)) this.epochs.add(row);
    }
    rows.onChange((row) => {
      this.#indexOwn(row);
      if (isCertified(row)) this.#follows(row);
    });
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

  #indexOwn(row: KeyRow): void {
    const keyId = row.session.toHex();
    if (row.state === "known") this.#learnt.add(row);
    if (row.share.length > 0 || row.state === "known") this.#index.put(keyId, row.key!);
    else if (!this.#learnt.has(keyId)) this.#index.remove(keyId);
  }

  /** Notes that a certified key follows the epoch before it, which is retired from now on. */
  #follows(row: KeyRow): void {
    const isFirst = this.epochs.add(row);
    const before = row.parent?.session.toHex();
    const retired = before === undefined ? undefined : this.certified(before);
    if (isFirst && retired) {
      const held = this.rows.withShare(before!) !== undefined;
      this.#options.eventLog.emitKey(retired.key!, before!, "retired", { held });
    }
    this.#changed();
  }

  /** Calls `listener` when a key has a new epoch, or a member has said that it holds one. */
  onEpochs(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /**
   * This node's row of a key, if it holds a share: of the key with the id `keyId`, if that is given, otherwise of no
   * retired epoch. A name that was given up has none.
   */
  own(name: KeyName & { keyId?: Uint8Array }): KeyRow | undefined {
    const rows = this.#idsNamed(name).flatMap((keyId) => this.rows.withShare(keyId) ?? []).filter(hasName);
    const { keyId } = name;
    if (keyId && keyId.length > 0) return rows.find(({ session }) => equal(session, keyId));
    const current = rows.filter(({ session }) => !this.epochs.isRetired(session.toHex()));
    return current.find(({ state }) => state === "active") ?? current[0];
  }

  /** The row of a key whose certificate is known here, retired or not. */
  certified(keyId: SessionId): KeyRow | undefined {
    const own = this.rows.withShare(keyId);
    return own?.state === "active" ? own : this.#learnt.get(keyId);
  }

  /**
   * Every key that this node knows in its latest epoch, its own first. Two may have one name, if all members of both
   * have signed both, or if one epoch was dealt anew twice: their ids tell them apart.
   */
  all(): GroupKey[] {
    const own = this.rows.all().map(({ session }) => session.toHex());
    const learnt = [...this.#learnt.ids()].filter((keyId) => !this.rows.withShare(keyId));
    return this.#withIds([...own, ...learnt].filter((keyId) => !this.epochs.isRetired(keyId)));
  }

  /** The usable keys with a name, in their latest epochs; if there are none, the pending ones. */
  named(name: KeyName): GroupKey[] {
    const all = this.#withIds(this.#idsNamed(name)).filter(({ state }) => state !== "retired");
    const active = all.filter(({ state }) => state !== "pending");
    return active.length > 0 ? active : all;
  }

  /** The key with an id. */
  withId(keyId: SessionId): GroupKey | undefined {
    const row = this.#known(keyId);
    return row && groupKey(row, {
      frozen: this.#options.frozen.has(keyId),
      retired: this.epochs.isRetired(keyId),
      paused: this.#options.isPaused(keyId),
      past: this.#pastOf(row),
    });
  }

  /** The epochs before a key's, the first one first, as far as they are known. */
  #pastOf({ parent }: KeyRow): PastEpoch[] {
    const before = parent ? this.certified(parent.session.toHex()) : undefined;
    return this.epochs.upTo(before).map(({ key, session }) => {
      const id = session.toHex();
      const { epoch, threshold, members } = key!;
      const held = this.rows.withShare(id) !== undefined;
      const lacking = this.lacking(id);
      const { peer: self } = this.#options.identity;
      const erased = members.filter((peer) => peer === self ? !held : lacking.has(peer));
      return { epoch, session: id, threshold, members, held, erased, banned: this.#options.bannedFor(id) };
    });
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
    return this.certified(keyId) !== undefined;
  }

  /**
   * The certificates of keys, and whether this node holds a share of each, in the order in which that changed.
   *
   * @param after Only the certificates that changed after the change with this number; all of them after 0.
   * @returns Each with the number of its change.
   */
  *certificates(after = 0): Generator<{ row: KeyRow; held: boolean; place: number }> {
    for (const { id, place } of this.#index.since(after)) {
      const row = this.certified(id);
      if (row === undefined) continue;
      yield { row: { ...row, share: new Uint8Array(), opens: [] }, held: row.share.length > 0, place };
    }
  }

  /** Notes whether a member says that it holds a share of a key, if the key is known here. */
  holds(session: Uint8Array, peer: PeerId, held: boolean): void {
    const keyId = session.toHex();
    const known = this.rows.withShare(keyId) ?? this.#learnt.get(keyId);
    if (!known?.key?.members.includes(peer)) return;
    if (this.#claims.set(keyId, peer, held)) this.#changed();
  }

  /** The members that say that they hold no share of a key. */
  lacking(keyId: SessionId): ReadonlySet<PeerId> {
    return this.#claims.of(keyId, false);
  }

  /** The other members that say that they hold a share of a key, and have its certificate on disk. */
  holding(keyId: SessionId): ReadonlySet<PeerId> {
    return this.#claims.of(keyId, true);
  }

  /**
   * Keeps the certificates of an epoch and of those before it on disk: whoever shows a later one must show them too.
   *
   * @throws {StoreError}
   */
  async keepLine(keyId: SessionId): Promise<void> {
    for (const row of this.epochs.upTo(this.certified(keyId))) {
      const own = this.rows.row(row.session);
      if (!own || !isCertified(own)) await this.rows.know(row);
    }
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
    const keyId = row.session.toHex();
    if (this.#settles(row)) {
      if (row.parent) await this.keepLine(row.parent.session.toHex());
      await this.rows.know(row);
    }
    this.#learnt.add(row);
    this.#index.put(keyId, row.key);
    this.#options.eventLog.emitKey(row.key, keyId, "active", { held: !isMember });
    this.#follows(row);
    return true;
  }

  /** Whether a certificate must outlive this process: it retires a share of this node, or ends what it has released. */
  #settles({ session, parent }: KeyRow): boolean {
    if (parent === null) return false;
    return this.rows.withShare(parent.session.toHex()) !== undefined || this.rows.row(session) !== undefined;
  }

  /** Whether a known key was made under the roster with this hash, in hex. */
  needsRoster(hash: string): boolean {
    return [...this.rows.all(), ...this.#learnt.rows()].some(({ preimage }) =>
      rosterIn(preimage)?.toHex() === hash
    );
  }
}
