/**
 * A node's own rows of keys: one for each key generation that it took part in, in memory as they are on disk.
 * @module
 */
import { SessionError, StoreError } from "../../errors.ts";
import type { KeyState } from "../../events.ts";
import {
  change,
  doubtOpened,
  type KeyRow,
  readRow,
  rowName,
  type RowState,
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
import { isUndecided, RowIndex } from "./row_index.ts";

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

export class OwnRows extends RowIndex {
  readonly #context: OwnRowsContext;
  readonly #damaged = new Map<string, unknown>();
  readonly #listeners = new Set<(row: KeyRow) => void>();

  private constructor(context: OwnRowsContext) {
    super();
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
        if (row) own.place(row);
      } catch (error) {
        own.#damaged.set(name, error);
      }
    }
    // After a crash between the set-up of the pairs and the write of the share, the pairs belong to no key.
    await sweepPairs(
      context.rows,
      (keyId) => own.withShare(keyId) !== undefined || own.#damaged.has(rowName(Uint8Array.fromHex(keyId))),
    );
    return own;
  }

  /** Calls `listener` with every row that has been written, whatever its state. */
  onChange(listener: (row: KeyRow) => void): void {
    this.#listeners.add(listener);
  }

  #written(row: KeyRow): void {
    this.place(row);
    for (const listener of this.#listeners) listener(row);
  }

  /** The names of rows that could not be read when the node started, and why. */
  damaged(): ReadonlyMap<string, unknown> {
    return this.#damaged;
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
    const erasable = this.erasable();
    erasable.sort((a, b) => a.at - b.at);
    for (const { session } of erasable.slice(0, Math.max(0, erasable.length + 1 - maxWithoutShare))) {
      await this.#context.rows.erase(rowName(session));
      this.remove(session);
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
        case "known":
          return { position: "lost" };
        case "given-up":
          if (found!.row.share.length > 0) return { position: "yes", row: found!.row };
        // falls through
        case "released":
          // A peer that is no member of the new epoch has no vote: nothing follows from its standing.
          if (!found!.row.key!.members.includes(this.#context.identity.peer)) return { position: "lost" };
        // falls through: without its share on disk this node has not voted
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
    const { rows, identity: { peer } } = this.#context;
    return doubtOpened(rows, peer, (row) => this.#written(row));
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
    if (state === null) return;
    // A peer that learns of a share that is gone asks for the certificate of what came after it.
    const held = state !== "erased";
    this.#context.eventLog.emitKey(row.key!, row.session.toHex(), state, { held });
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

  /** The rows that wait for the votes of others: see {@linkcode isUndecided}. */
  undecided(): KeyRow[] {
    return [...this.pending(), ...this.released()].filter(isUndecided(this.#context.identity.peer));
  }

  /**
   * Gives up a pending key, because its operator does not wait any longer: its name is free, and the epoch that was
   * released to its session.
   *
   * @throws {StoreError}
   */
  async giveUp(session: Uint8Array): Promise<void> {
    const waits = isUndecided(this.#context.identity.peer);
    await this.#change(session, (row) => waits(row) ? { ...row, state: "given-up" } : null);
  }

  /**
   * Erases the share of a key that was given up, because its operator says so, or of an epoch that was handed over.
   *
   * @param from The states in which it may be erased: it may have changed since the caller looked.
   * @throws {StoreError}
   */
  async erase(session: Uint8Array, from: readonly RowState[]): Promise<void> {
    await this.#change(session, (row) => from.includes(row.state) ? erased(row) : null);
  }

  /**
   * Keeps the certificate of a key of which there is no share here: of an epoch before one that is, or of one that
   * retires a share.
   *
   * @param row As it was learnt; the caller has checked it.
   * @throws {StoreError}
   */
  async know(row: KeyRow): Promise<void> {
    const { rows, clock } = this.#context;
    const known: KeyRow = {
      ...row,
      state: "known",
      share: new Uint8Array(),
      opens: [],
      nos: [],
      at: clock.now(),
    };
    const found = await readRow(rows, rowName(row.session));
    if (found === null) {
      if (!await writeRow(rows, null, known)) return await this.know(row);
      return this.#written(known);
    }
    const next = (before: KeyRow): KeyRow | null =>
      before.state === "known" || before.share.length > 0
        ? null
        : { ...known, nos: before.nos, at: before.at };
    await change(rows, row.session, next, (row) => this.#written(row));
  }

  async #change(session: Uint8Array, next: (row: KeyRow) => KeyRow | null): Promise<KeyRow> {
    const { rows } = this.#context;
    let before: KeyRow | null = null;
    const row = await change(rows, session, (row) => next(before = row), (row, state) => {
      this.changed(row, state);
      this.#emitContradictions(before!, row);
    });
    if (row.share.length === 0) await erasePairs(rows, session);
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
