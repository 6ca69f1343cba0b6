/**
 * A node's own rows of keys: one for each key generation that it took part in, in memory as they are on disk.
 * @module
 */
import { SessionError, StoreError } from "../../errors.ts";
import type { KeyState, SessionId } from "../../events.ts";
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
  afterVote,
  contradictions,
  erased,
  isSigned,
  type SignedVote,
} from "../../keystore/votes.ts";
import type { Context } from "../events/event_context.ts";
import type { UnfinishedKey } from "./group_key.ts";

/**
 * The number of rows without a share that are kept, a kilobyte each. Of the oldest, this node then says
 * `lost`.
 */
const maxWithoutShare = 1024;

/** The standing of this node in a session: its position, and its row if it has voted yes. See `RowState`. */
export type Standing =
  | { position: "yes"; row: KeyRow }
  | { position: "no" | "lost" | "running" };

/** The parts of a context that the rows need. */
export type OwnRowsContext = Pick<Context, "eventLog" | "identity" | "rows" | "clock">;

export class OwnRows {
  readonly #context: OwnRowsContext;
  readonly #withShare = new Map<SessionId, KeyRow>();
  readonly #withoutShare = new Map<SessionId, KeyRow>();
  readonly #damaged = new Map<string, unknown>();
  readonly #listeners = new Set<(row: KeyRow) => void>();

  private constructor(context: OwnRowsContext) {
    this.#context = context;
  }

  /** Reads all rows. An unreadable row makes its key unusable, not the node. @throws {StoreError} */
  static async open(context: OwnRowsContext): Promise<OwnRows> {
    const own = new OwnRows(context);
    for (const name of await context.rows.names(keyRows)) {
      try {
        const row = (await readRow(context.rows, name))?.row;
        if (row?.key === null && row.share.length > 0) {
          throw new StoreError(`Cannot use ${name}: it has no key`);
        }
        if (row) own.#place(row);
      } catch (error) {
        own.#damaged.set(name, error);
      }
    }
    // After a crash between the set-up of the pairs and the write of the share, the pairs belong to no key.
    await sweepPairs(
      context.rows,
      (keyId) => own.#withShare.has(keyId) || own.#damaged.has(rowName(Uint8Array.fromHex(keyId))),
    );
    return own;
  }

  #place(row: KeyRow): void {
    const keyId = row.session.toHex();
    const [here, elsewhere] = row.share.length > 0
      ? [this.#withShare, this.#withoutShare]
      : [this.#withoutShare, this.#withShare];
    elsewhere.delete(keyId);
    here.set(keyId, row);
  }

  /** Calls `listener` with every row that has been written, whatever its state. */
  onChange(listener: (row: KeyRow) => void): void {
    this.#listeners.add(listener);
  }

  #written(row: KeyRow): void {
    this.#place(row);
    for (const listener of this.#listeners) listener(row);
  }

  /** The names of rows that could not be read when the node started, and why. */
  damaged(): ReadonlyMap<string, unknown> {
    return this.#damaged;
  }

  /** The row of a key, if there is a share in it. */
  withShare(keyId: SessionId): KeyRow | undefined {
    return this.#withShare.get(keyId);
  }

  /** All rows with a share. */
  all(): readonly KeyRow[] {
    return [...this.#withShare.values()];
  }

  /** The row of a session, if it came to a vote here. */
  row(session: Uint8Array): KeyRow | undefined {
    const keyId = session.toHex();
    const row = this.#withShare.get(keyId) ?? this.#withoutShare.get(keyId);
    return row?.key ? row : undefined;
  }

  /** The rows with a share of a key that has its name. */
  held(): KeyRow[] {
    return this.all().filter(hasName);
  }

  pending(): KeyRow[] {
    return this.all().filter(({ state }) => state === "pending");
  }

  /** The rows with a share of a key that is not active, and may never be. */
  unfinished(): KeyRow[] {
    return this.all().filter(({ state }) => state !== "active");
  }

  /** The unfinished keys whose names are free. */
  givenUp(): UnfinishedKey[] {
    return this.unfinished().filter(({ state }) => state !== "pending").map(({ key, session }) => {
      const { wallet, scheme } = key!;
      return { wallet, scheme, session: session.toHex() };
    });
  }

  /**
   * Begins the row of a session that is to make a key. It is on disk before this node opens the session to
   * anybody.
   *
   * @throws {SessionError} `store-failed`.
   */
  async begin(session: Uint8Array): Promise<void> {
    const { rows, clock } = this.#context;
    try {
      await this.#makeRoom();
      const row = rowWithout("opened", session, clock.now());
      if (!await writeRow(rows, null, row)) {
        throw new Error(`Cannot open ${rowName(session)}: it is there already`);
      }
      this.#written(row);
    } catch (cause) {
      throw new SessionError("store-failed", { cause });
    }
  }

  /** Erases the oldest rows without a share, until there is room for one more. @throws {StoreError} */
  async #makeRoom(): Promise<void> {
    // A row whose share the operator has erased keeps the votes that were cast: there are never many.
    const erasable = [...this.#withoutShare.values()].filter(({ state }) => state !== "gone");
    erasable.sort((a, b) => a.at - b.at);
    for (const { session } of erasable.slice(0, Math.max(0, erasable.length + 1 - maxWithoutShare))) {
      await this.#context.rows.erase(rowName(session));
      this.#withoutShare.delete(session.toHex());
    }
  }

  /**
   * The standing of this node in a session that it took part in. If the session was opened and has ended
   * without a vote, this node says no from now on. It says `lost` if there is no row, because it does not
   * remember how the session ended; also if the row may be an earlier copy, because its vote may have been
   * cast since.
   *
   * @param running Whether the session is running here at this moment.
   * @param isCopy Whether the disk is known to have gone back.
   * @throws {StoreError} If the row cannot be read, or the position cannot be written.
   */
  async standingIn(
    session: Uint8Array,
    running: () => boolean,
    isCopy: () => boolean,
  ): Promise<Standing> {
    for (;;) {
      const found = await readRow(this.#context.rows, rowName(session));
      switch (found?.row.state) {
        case undefined:
        case "lost":
          return { position: running() ? "running" : "lost" };
        case "no":
          return { position: "no" };
        case "opened": {
          if (running()) return { position: "running" };
          const position = isCopy() ? "lost" : "no";
          const over: KeyRow = { ...found!.row, state: position };
          if (!await writeRow(this.#context.rows, found!.version, over)) continue;
          this.#written(over);
          return { position };
        }
        default:
          return { position: "yes", row: found!.row };
      }
    }
  }

  /**
   * Every opened session becomes `lost`, because the operator goes on with an earlier copy.
   *
   * @throws {StoreError}
   */
  doubtOpened(): Promise<void> {
    return doubtOpened(this.#context.rows, (row) => this.#written(row));
  }

  /**
   * A certificate has shown this node's yes to a session of which its disk has none: the disk went back. From
   * now on this node says `lost` of that session, and never no.
   *
   * @throws {StoreError}
   */
  async forget(session: Uint8Array): Promise<void> {
    const { rows } = this.#context;
    const forgotten = (row: KeyRow): KeyRow | null =>
      row.state === "opened" || row.state === "no" ? { ...row, state: "lost" } : null;
    if (await readRow(rows, rowName(session)) === null) return;
    await change(rows, session, forgotten, (row) => this.#written(row));
  }

  /**
   * Takes a row that was written elsewhere.
   *
   * @param state The new state of its key; null if that is as before.
   */
  changed(row: KeyRow, state: KeyState | null): void {
    this.#written(row);
    if (state !== null) this.#context.eventLog.emitKey(row.key!, row.session.toHex(), state);
  }

  /**
   * Takes another member's yes or no to a session, if it is signed and there is a row here.
   *
   * @throws {StoreError}
   */
  async takeVote(session: Uint8Array, vote: SignedVote): Promise<void> {
    const known = this.row(session);
    const { identity } = this.#context;
    if (!known || !await isSigned(identity, known, vote)) return;
    await this.#change(session, (row) => afterVote(row, identity.peer, vote));
  }

  /**
   * Makes a key active with the votes of all members, also a key that was given up.
   *
   * @returns Whether it has become active.
   * @throws {StoreError}
   */
  async promote(session: Uint8Array, votes: readonly Uint8Array[]): Promise<boolean> {
    const known = this.row(session);
    const next = known ? await afterCertificate(this.#context.identity, known, votes) : null;
    if (!known || next === null || known.state === "active") return false;
    return (await this.#change(session, next)).state === "active";
  }

  /**
   * Gives up a pending key, because its operator does not wait any longer: its name is free.
   *
   * @throws {StoreError}
   */
  async giveUp(session: Uint8Array): Promise<void> {
    await this.#change(session, (row) => row.state === "pending" ? { ...row, state: "given-up" } : null);
  }

  /** Erases the share of a key that was given up, because its operator says so. @throws {StoreError} */
  async erase(session: Uint8Array): Promise<void> {
    await this.#change(
      session,
      (row) => row.state === "given-up" || row.state === "lost" ? erased(row) : null,
    );
  }

  async #change(session: Uint8Array, next: (row: KeyRow) => KeyRow | null): Promise<KeyRow> {
    const { rows } = this.#context;
    let before: KeyRow | null = null;
    const row = await change(rows, session, (row) => next(before = row), (row, state) => {
      this.changed(row, state);
      this.#emitContradictions(before!, row);
    });
    if (row.state === "gone") await erasePairs(rows, session);
    return row;
  }

  #emitContradictions(before: KeyRow, row: KeyRow): void {
    const { wallet, scheme } = row.key!;
    const session = row.session.toHex();
    for (const { culprit, evidence: envelopes } of contradictions(before, row)) {
      const evidence = envelopes.map((envelope) => envelope.toHex());
      this.#context.eventLog.emit({ type: "contradiction", wallet, scheme, session, culprit, evidence });
    }
  }
}

/** Whether the key of a row has its name. */
export const hasName = ({ state }: KeyRow): boolean => state === "active" || state === "pending";
