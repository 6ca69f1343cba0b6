/**
 * The keys of this node: an index over the rows of its store, and what is known of others' keys from their
 * certificates.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { KeyState, SessionId } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { maxLearnt, maxUnfinished } from "../../limits.ts";
import {
  change,
  doubtOpened,
  type KeyRow,
  readRow,
  rowName,
  rowWithout,
  writeRow,
} from "../../keystore/key_rows.ts";
import { erasePairs, sweepPairs } from "../../keystore/pair_rows.ts";
import { keyRows } from "../../keystore/row_names.ts";
import {
  afterCertificate,
  afterWord,
  contradictions,
  erased,
  isSaid,
  type Word,
} from "../../keystore/votes.ts";
import { alikeTo } from "../../text/alike.ts";
import type { Command, KeyName } from "../records/command.ts";
import type { Context } from "../context.ts";
import type { Frozen } from "./frozen.ts";
import { KeyIndex } from "./key_index.ts";
import { isAskedFor } from "./key_origin.ts";
import { rosterIn } from "../records/preimage.ts";
import type { Roster } from "../roster/roster.ts";

/** A key as the outside sees it: public, the same at every peer. */
export interface GroupKey extends KeyName {
  /** ed25519: 32 bytes; secp256k1: 33, compressed. */
  publicKey: Uint8Array;
  /** So many sign. */
  threshold: number;
  /** In the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** 32 bytes: what the keys of children are made with. */
  chainCode: Uint8Array;
  /** In the order of the members: what checks each one's signature share. */
  verifyingShares: readonly Uint8Array[];
  /** Counts resharings; 1 for a fresh key. */
  epoch: number;
  /** `pending` until all members have confirmed; `frozen` while this node refuses to sign with it. */
  state: Exclude<KeyState, "given-up" | "gone">;
  /** Whether this node holds a share of it. A member may not: its disk went back, or it has erased it. */
  held: boolean;
  /** The session that made it. */
  session: SessionId;
}

const keyOf = ({ wallet, curve }: KeyName) => `${curve} ${wallet}`;
/** The wallet in what {@linkcode keyOf} gave. */
const walletOf = (key: string) => key.slice(key.indexOf(" ") + 1);
/** Rows of sessions without a share: of a kilobyte each. The oldest are forgotten, and then this node says `lost`. */
const maxWithout = 1024;

/** Whether the key of a row has its name. */
const hasName = ({ state }: KeyRow) => state === "active" || state === "pending";

/** How this node stands to a session: see `keystore/key_rows.ts`. */
export type Standing =
  | { says: "yes"; row: KeyRow }
  | { says: "no" | "lost" | "running" };

/** A key that may never come to be, and of which a share is kept. */
export interface UnfinishedKey extends KeyName {
  /** The session that was to make it. */
  session: SessionId;
}

export function groupKey(
  { key, session, state, share }: Pick<KeyRow, "key" | "session" | "state" | "share">,
  frozen = false,
): GroupKey {
  const { wallet, curve, publicKey, chainCode, threshold, members, epoch, verifyingShares } = key!;
  return {
    wallet,
    curve,
    publicKey,
    threshold,
    members,
    chainCode,
    verifyingShares,
    epoch,
    state: state === "active" ? (frozen ? "frozen" : "active") : "pending",
    held: share.length > 0,
    session: session.toHex(),
  };
}

/** A name for which a key is being made. */
interface Making {
  command: string;
  times: number;
  /** Ends the command that has the name, if that can still be done. */
  giveWay?: () => void;
}

interface KeysContext extends Pick<Context, "teller" | "identity" | "rows" | "clock"> {
  readonly frozen: Frozen;
  /** The cluster's id. */
  readonly cluster: PeerId;
  /** A roster that was in force, by its hash; null if it is not here. */
  pastRoster(hash: Uint8Array): Promise<Roster | null>;
}

export class Keys {
  readonly #context: KeysContext;
  /** This node's rows with a share in them, by session in hex. */
  readonly #own = new Map<string, KeyRow>();
  /** And those without one. */
  readonly #without = new Map<string, KeyRow>();
  /** Members that say that they hold no share of an active key, by its session in hex. */
  readonly #lacking = new Map<string, Set<PeerId>>();
  readonly #damaged = new Map<string, unknown>();
  /** Keys of others, by session in hex. */
  readonly #learnt = new Map<string, KeyRow>();
  /** Those that this node holds a share of, and those that it has learnt of. */
  readonly #index = new KeyIndex();
  /** Names for which a key is being made at this moment: by which command, and how often that has reserved it. */
  readonly #making = new Map<string, Making>();
  readonly #listeners = new Set<() => void>();

  private constructor(context: KeysContext) {
    this.#context = context;
  }

  /** Reads all rows. One that cannot be read makes its key unusable, not the node. @throws {StoreError} */
  static async open(context: KeysContext): Promise<Keys> {
    const keys = new Keys(context);
    for (const name of await context.rows.names(keyRows)) {
      try {
        const found = await readRow(context.rows, name);
        if (found) keys.#place(found.row);
      } catch (error) {
        keys.#damaged.set(name, error);
      }
    }
    // A node that fell over between the set-up of its pairs and its share has a part of a key that will never be.
    await sweepPairs(
      context.rows,
      (session) => keys.#own.has(session) || keys.#damaged.has(rowName(Uint8Array.fromHex(session))),
    );
    return keys;
  }

  #place(row: KeyRow): void {
    const id = row.session.toHex();
    const [here, there] = row.share.length > 0 ? [this.#own, this.#without] : [this.#without, this.#own];
    there.delete(id);
    here.set(id, row);
    if (here === this.#own) this.#index.put(id, row.key!);
    else if (!this.#learnt.has(id)) this.#index.remove(id);
  }

  /** Told of every row that has been written, whatever has become of it. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** A row is on disk. */
  #written(row: KeyRow): void {
    this.#place(row);
    for (const listener of this.#listeners) listener();
  }

  /** Rows that could not be read when the node started. */
  damaged(): ReadonlyMap<string, unknown> {
    return this.#damaged;
  }

  /**
   * This node's row of a key, if it holds a share of it: of the key with that id, where one is named. A name that was
   * given up has none.
   */
  own(name: KeyName & { key?: Uint8Array }): KeyRow | undefined {
    const rows = [...this.#index.named(name)].flatMap((id) => this.#own.get(id) ?? []).filter(hasName);
    const { key } = name;
    if (key && key.length > 0) return rows.find(({ session }) => equal(session, key));
    return rows.find(({ state }) => state === "active") ?? rows[0];
  }

  /** The rows whose keys have their names. */
  #named(): KeyRow[] {
    return [...this.#own.values()].filter(hasName);
  }

  /** The rows of the keys of which this node holds a share. */
  held(): KeyRow[] {
    return this.#named().filter(({ key, share }) => key !== null && share.length > 0);
  }

  pending(): KeyRow[] {
    return [...this.#own.values()].filter(({ state }) => state === "pending");
  }

  /** Rows with a share of what is no key yet, and may never be one. */
  unfinished(): KeyRow[] {
    return [...this.#own.values()].filter(({ state }) => state !== "active");
  }

  /** Those of them whose names are free. */
  givenUp(): UnfinishedKey[] {
    return this.unfinished().filter(({ state }) => state !== "pending").map(({ key, session }) => {
      const { wallet, curve } = key!;
      return { wallet, curve, session: session.toHex() };
    });
  }

  /**
   * Every key this node knows of, its own first. Two may have one name, if all members of both have signed both: their
   * ids tell them apart.
   */
  all(): GroupKey[] {
    const learnt = [...this.#learnt.keys()].filter((id) => !this.#own.has(id));
    return [...this.#own.keys(), ...learnt].flatMap((id) => this.withId(id) ?? []);
  }

  /** The keys of that name that can be used; if there are none, those that are not finished. */
  named(name: KeyName): GroupKey[] {
    const all = [...this.#index.named(name)].flatMap((id) => this.withId(id) ?? []);
    const active = all.filter(({ state }) => state !== "pending");
    return active.length > 0 ? active : all;
  }

  /** The key with that id. */
  withId(session: SessionId): GroupKey | undefined {
    const row = this.#known(session);
    return row && groupKey(row, this.#context.frozen.has(session));
  }

  /** This node's own row of a key, or what it has learnt of it, if it has its name. */
  #known(session: SessionId): KeyRow | undefined {
    const own = this.#own.get(session);
    return own && hasName(own) ? own : this.#learnt.get(session);
  }

  /** Whether the certificate of a key is known here. */
  certain(session: SessionId): boolean {
    return this.#own.get(session)?.state === "active" || this.#learnt.has(session);
  }

  /**
   * The certificates of active keys, and whether this node holds a share of each, in the order in which that changed:
   * those after the key with the id `after`, or all if it is not known.
   */
  *certificates(after: SessionId = ""): Generator<{ row: KeyRow; held: boolean }> {
    for (const id of this.#index.since(after)) {
      const row = this.#known(id);
      if (row?.state !== "active") continue;
      yield { row: { ...row, share: new Uint8Array(), opens: [] }, held: row.share.length > 0 };
    }
  }

  /** A member says whether it holds a share of a key that is known here. */
  holds(session: Uint8Array, peer: PeerId, held: boolean): void {
    const id = session.toHex();
    const known = this.#own.get(id) ?? this.#learnt.get(id);
    if (!known?.key?.members.includes(peer)) return;
    const lacking = this.#lacking.get(id) ?? new Set<PeerId>();
    if (held) lacking.delete(peer);
    else lacking.add(peer);
    if (lacking.size > 0) this.#lacking.set(id, lacking);
    else this.#lacking.delete(id);
  }

  /** Members that say that they hold no share of this key. */
  lacking(session: SessionId): ReadonlySet<PeerId> {
    return this.#lacking.get(session) ?? new Set();
  }

  /**
   * Takes in what another peer says of a key, if it is one of this cluster: see {@linkcode isAskedFor}. Keys of anyone's
   * own making are not.
   *
   * @param ask Gets a past roster that is not here: from whoever says it.
   */
  async learn(
    row: KeyRow,
    ask: (hash: Uint8Array) => Promise<Roster | null> = () => Promise.resolve(null),
  ): Promise<boolean> {
    if (row.state !== "active" || row.key === null) return false;
    const id = row.session.toHex();
    const mine = this.#own.get(id) ?? this.#without.get(id);
    if (mine?.key) {
      const promoted = await this.promote(row.session, row.votes);
      if (mine.share.length > 0) return promoted;
    }
    const known = () => this.#learnt.has(id) || this.#learnt.size >= maxLearnt;
    if (known()) return false;
    const { identity, cluster, pastRoster } = this.#context;
    const rosterOf = async (hash: Uint8Array) => await pastRoster(hash) ?? await ask(hash);
    if (!await isAskedFor(row, { identity, cluster, rosterOf }) || known()) return false;
    if (row.key.members.includes(identity.peer)) await this.#forgotten(row.session);
    this.#learnt.set(id, { ...row, share: new Uint8Array(), opens: [] });
    this.#index.put(id, row.key);
    const held = !row.key.members.includes(identity.peer);
    this.#context.teller.key(row.key, id, "active", { held });
    return true;
  }

  /**
   * A certificate has this node's own yes in it, of which nothing is on disk: the disk went back. From now on it says
   * that it has no memory of that session, and never no.
   */
  async #forgotten(session: Uint8Array): Promise<void> {
    const { rows } = this.#context;
    const forgotten = (row: KeyRow): KeyRow | null =>
      row.state === "opened" || row.state === "no" ? { ...row, state: "lost" } : null;
    if (await readRow(rows, rowName(session)) === null) return;
    await change(rows, session, forgotten, (row) => this.#written(row));
  }

  /** The name of another wallet, known here or being made, that a person would take for this one. */
  lookAlike({ wallet }: KeyName): string | undefined {
    const made = [...this.#index.alike(wallet)].flatMap((id) => this.#known(id)?.key?.wallet ?? []);
    const isAlike = alikeTo(wallet);
    const making = [...this.#making.keys()].map(walletOf).filter(isAlike);
    return [...made, ...making].find((other) => other !== wallet);
  }

  /** Whether a key that is known here was made under the roster with this hash, in hex. */
  needsRoster(hash: string): boolean {
    return [...this.#own.values(), ...this.#learnt.values()].some(({ preimage }) =>
      rosterIn(preimage)?.toHex() === hash
    );
  }

  /**
   * Reserves a name for the key generation of one command, which may do so again.
   *
   * @returns Gives it back.
   * @throws {SessionError} `wallet-exists`, `wallet-busy`, `store-failed`, `too-many-unfinished`.
   */
  reserve(name: KeyName, command: string): Disposable {
    const key = keyOf(name);
    // Two ask for one name in the same moment, at two coordinators: everywhere the same one of them gives way.
    const before = this.#making.get(key);
    if (before && command < before.command) before.giveWay?.();
    this.checkFree(name, command);
    if (before && before.command !== command) throw new SessionError("wallet-busy");
    const making: Making = before ?? { command, times: 0 };
    this.#making.set(key, making);
    making.times++;
    return {
      [Symbol.dispose]: () => {
        if (--making.times === 0) this.#making.delete(key);
      },
    };
  }

  /**
   * Looks whether a name can be reserved, or could if another command gave way, and changes nothing.
   *
   * @throws {SessionError} `wallet-exists`, `wallet-busy`, `store-failed`, `too-many-unfinished`.
   */
  checkFree(name: KeyName, command: string): void {
    const key = keyOf(name);
    const own = this.own(name);
    if (this.named(name).some(({ state }) => state !== "pending")) throw new SessionError("wallet-exists");
    if (this.lookAlike(name) !== undefined) throw new SessionError("wallet-exists");
    const making = this.#making.get(key);
    const givesWay = making?.giveWay !== undefined && command < making.command;
    if (own || (making && making.command !== command && !givesWay)) throw new SessionError("wallet-busy");
    if (!making && this.unfinished().length + this.#making.size >= maxUnfinished) {
      throw new SessionError("too-many-unfinished");
    }
    // A row that cannot be read may be of this very name: a read error is never "absent".
    if (this.#damaged.size > 0) {
      throw new SessionError("store-failed", { cause: [...this.#damaged.values()][0] });
    }
  }

  /** A command that has reserved its name can be told to give way to one with a lower key. @returns No longer. */
  givesWay({ kind, ...name }: Command, command: string, giveWay: () => void): Disposable {
    const making = kind === "generate" ? this.#making.get(keyOf(name)) : undefined;
    if (making?.command === command) making.giveWay = giveWay;
    return {
      [Symbol.dispose]: () => {
        if (making?.giveWay === giveWay) delete making.giveWay;
      },
    };
  }

  /**
   * A session that is to make a key opens here: that is on disk before this node says so to anybody.
   *
   * @throws {SessionError} `store-failed`.
   */
  async begin(session: Uint8Array): Promise<void> {
    const { rows, clock } = this.#context;
    try {
      await this.#forget();
      const row = rowWithout("opened", session, clock.now());
      if (!await writeRow(rows, null, row)) {
        throw new Error(`Cannot open ${rowName(session)}: it is there already`);
      }
      this.#written(row);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
  }

  /** Makes room among the rows without a share. @throws {StoreError} */
  async #forget(): Promise<void> {
    // What the operator has erased keeps the words that were said: there are never many.
    const oldest = [...this.#without.values()].filter(({ state }) => state !== "gone").sort((a, b) =>
      a.at - b.at
    );
    for (const { session } of oldest.slice(0, Math.max(0, oldest.length + 1 - maxWithout))) {
      await this.#context.rows.erase(rowName(session));
      this.#without.delete(session.toHex());
    }
  }

  /**
   * How this node stands to a session in which it took part. One that was opened, and is over without a vote, becomes a
   * no, for ever. Without a row there is no memory of how it ended: `lost`; the same where the row may be of a copy to
   * which the disk went back, and the vote was cast after it.
   *
   * @param running Whether it is running here at this moment.
   * @param isCopy Whether the disk is known to have gone back.
   * @throws {StoreError} If the row cannot be read, or what is said cannot be written.
   */
  async stand(
    session: Uint8Array,
    running: () => boolean,
    isCopy: () => boolean,
  ): Promise<Standing> {
    for (;;) {
      const found = await readRow(this.#context.rows, rowName(session));
      switch (found?.row.state) {
        case undefined:
        case "lost":
          return { says: running() ? "running" : "lost" };
        case "no":
          return { says: "no" };
        case "opened": {
          if (running()) return { says: "running" };
          const says = isCopy() ? "lost" : "no";
          const over: KeyRow = { ...found!.row, state: says };
          if (!await writeRow(this.#context.rows, found!.version, over)) continue;
          this.#written(over);
          return { says };
        }
        default:
          return { says: "yes", row: found!.row };
      }
    }
  }

  /** The operator goes on with a copy: see {@linkcode doubtOpened}. @throws {StoreError} */
  doubtOpened(): Promise<void> {
    return doubtOpened(this.#context.rows, (row) => this.#written(row));
  }

  /** A row was written; `state`, if it is another now. */
  changed(row: KeyRow, state: KeyState | null): void {
    this.#written(row);
    if (state !== null) this.#tell(row, state);
  }

  #tell({ key, session }: KeyRow, state: KeyState): void {
    this.#context.teller.key(key!, session.toHex(), state);
  }

  /** Another member has said yes or no to a session of which there is a row here. @throws {StoreError} */
  async heard(session: Uint8Array, word: Word): Promise<void> {
    const known = this.row(session);
    const { identity } = this.#context;
    if (!known || !await isSaid(identity, known, word)) return;
    await this.#change(session, (row) => afterWord(row, identity.peer, word));
  }

  /**
   * Makes a key active with the votes of all, also one that was given up.
   *
   * @returns Whether it was not, and now is.
   * @throws {StoreError}
   */
  async promote(session: Uint8Array, votes: readonly Uint8Array[]): Promise<boolean> {
    const known = this.row(session);
    const next = known ? await afterCertificate(this.#context.identity, known, votes) : null;
    if (!known || next === null || known.state === "active") return false;
    return (await this.#change(session, next)).state === "active";
  }

  /** The operator's word that a pending key is not waited for any more: its name is free. @throws {StoreError} */
  async giveUp(session: Uint8Array): Promise<void> {
    await this.#change(session, (row) => row.state === "pending" ? { ...row, state: "given-up" } : null);
  }

  /** The operator's word that a share that was given up is of no more use to anybody. @throws {StoreError} */
  async erase(session: Uint8Array): Promise<void> {
    await this.#change(
      session,
      (row) => row.state === "given-up" || row.state === "lost" ? erased(row) : null,
    );
  }

  async #change(session: Uint8Array, next: (row: KeyRow) => KeyRow | null): Promise<KeyRow> {
    const { rows, teller } = this.#context;
    let before: KeyRow | null = null;
    const row = await change(rows, session, (row) => next(before = row), (row, state) => {
      this.changed(row, state);
      const { wallet, curve } = row.key!;
      for (const { culprit, evidence } of contradictions(before!, row)) {
        const hex = evidence.map((envelope) => envelope.toHex());
        teller.tell({
          type: "contradiction",
          wallet,
          curve,
          session: session.toHex(),
          culprit,
          evidence: hex,
        });
      }
    });
    if (row.state === "gone") await erasePairs(rows, session);
    return row;
  }

  /** This node's row of a session that came to a vote here. */
  row(session: Uint8Array): KeyRow | undefined {
    const id = session.toHex();
    const row = this.#own.get(id) ?? this.#without.get(id);
    return row?.key ? row : undefined;
  }
}
