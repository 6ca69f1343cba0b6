/**
 * The rows of keys: one for each key generation that a node took part in, changed by compare-and-set.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record, uint } from "../crypto/codec.ts";
import { StoreError, unlessStore } from "../errors.ts";
import type { KeyState } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { maxParties, maxPreimage } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { decodePackage, encodePackage } from "./public_key_record.ts";
import { keyRows } from "./row_names.ts";
import type { Rows } from "./rows.ts";

/**
 * The state of a dealing, a generation or a resharing, at one peer of its party:
 *
 * - `opened`: its session began here, and this node has not voted;
 * - `no`: this node has not voted and never will, and may have said so;
 * - `released`: of a resharing: this peer has released the epoch before to this session, and is to vote, or is no member
 *   of the new epoch and waits for the votes of those who are;
 * - `pending`: the share is on disk, and with it this node's yes, for good;
 * - `given-up`: the same, but the name is free again. The certificate makes it active all the same;
 * - `lost`: it was restored from a backup before it was active. What was said since the backup is not known
 *   here, so this node says nothing more about it. The certificate makes it active all the same;
 * - `active`: all members have voted yes;
 * - `gone`: the operator has erased the share. The yes stays;
 * - `known`: all members have voted yes, and there is no share here: the epoch has passed, or is another's.
 */
export type RowState =
  | "opened"
  | "no"
  | "released"
  | "pending"
  | "given-up"
  | "lost"
  | "active"
  | "gone"
  | "known";

/** The epoch that a key was dealt anew from. */
export interface Parent {
  /** The session that made it, 32 bytes. */
  readonly session: Uint8Array;
  /** The body that its members voted for, 32 bytes: see `voteBody`. */
  readonly vote: Uint8Array;
}

/** A dealing as one peer of its party knows it. */
export interface KeyRow {
  state: RowState;
  /** The session that made the key, or was to make it: its id, 32 bytes. */
  session: Uint8Array;
  /** Null for `opened`, and for a `no` before there was one. */
  key: PublicKeyPackage | null;
  /** 32 bytes; empty for `opened` and `no`. */
  transcript: Uint8Array;
  /** Sealed; empty where there is none. */
  share: Uint8Array;
  /**
   * The signed opens of the members in their order; this node's own is left empty. A member that is asked for
   * its vote is shown its own open.
   */
  opens: readonly Uint8Array[];
  /** The votes of the members in their order; empty where none has come. All of them are the certificate. */
  votes: readonly Uint8Array[];
  /** The signed no of each member, in their order; empty where none has come. */
  nos: readonly Uint8Array[];
  /** When the session began here, ms since 1970. */
  at: number;
  /**
   * The preimage of the session's id, encoded: it shows who asked for the key. Empty for `opened` and `no`.
   */
  preimage: Uint8Array;
  /** The epoch that was dealt anew; null for a key of the first epoch. */
  parent: Parent | null;
  /** The signed releases of the dealers, in the order of the command, 64 bytes each; empty where there are none. */
  releases: readonly Uint8Array[];
}

const states = [
  "opened",
  "no",
  "released",
  "pending",
  "given-up",
  "lost",
  "active",
  "gone",
  "known",
] as const satisfies RowState[];
const rowRecord = record("quorate/4/key-row", {
  state: v.picklist(states),
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytesUpTo(32),
  share: bytesUpTo(4096),
  opens: list(bytesUpTo(512), maxParties),
  votes: list(bytesUpTo(64), maxParties),
  nos: list(bytesUpTo(64), maxParties),
  at: uint,
  preimage: bytesUpTo(maxPreimage),
  /** The parent's session and vote, 32 bytes each; empty if there is none. */
  parent: list(bytes(32), 2),
  releases: list(bytes(64), maxParties),
});

/** A parent as records have it. */
export const parentFields = (parent: Parent | null): Uint8Array[] =>
  parent === null ? [] : [parent.session, parent.vote];

/** @throws {TypeError} If there are not two fields, or none. */
export function parentOf([session, vote, ...rest]: readonly Uint8Array[]): Parent | null {
  if (session === undefined) return null;
  if (vote === undefined || rest.length > 0) throw new TypeError("Cannot read parent: expected two fields");
  return { session, vote };
}

/** The row of a session of which there is neither a key nor a share here. */
export function rowWithout(state: "opened" | "no", session: Uint8Array, at: number): KeyRow {
  const none = new Uint8Array();
  const empty = { key: null, transcript: none, share: none, opens: [], votes: [], nos: [], preimage: none };
  return { state, session, at, ...empty, parent: null, releases: [] };
}

/** The name of a key's row. @param session 32 bytes. */
export const rowName = (session: Uint8Array): string => keyRows + session.toHex();

export function encodeRow(row: KeyRow): Uint8Array {
  const key = row.key === null ? new Uint8Array() : encodePackage(row.key);
  const { opens, votes, nos, releases, parent } = row;
  const lists = { opens: [...opens], votes: [...votes], nos: [...nos], releases: [...releases] };
  return rowRecord.encode({ ...row, key, ...lists, parent: parentFields(parent) });
}

/** @throws {StoreError} If the row cannot be read, or is damaged. */
export async function readRow(rows: Rows, name: string): Promise<{ version: number; row: KeyRow } | null> {
  const found = await rows.get(name);
  if (found === null) return null;
  try {
    const { key, parent, ...rest } = rowRecord.decode(found.plain);
    const row = { ...rest, key: key.length === 0 ? null : decodePackage(key), parent: parentOf(parent) };
    return { version: found.version, row };
  } catch (cause) {
    throw new StoreError(`Cannot read ${name}: it is damaged`, { cause });
  }
}

/**
 * Writes a row if its version is still `from`; null for no row.
 *
 * @returns Whether it was.
 *
 * @throws {StoreError}
 */
export function writeRow(rows: Rows, from: number | null, row: KeyRow): Promise<boolean> {
  return rows.swap(rowName(row.session), from, encodeRow(row));
}

/**
 * Changes the row of a session, and tries again as long as something else changes it in between.
 *
 * @param next The wanted row; null if the row is to stay.
 * @param changed Called with the row that was written, and the new state of its key; null if that is as
 * before.
 * @returns The row as it is then.
 * @throws {StoreError} If the row cannot be read or written, or does not exist.
 */
export async function change(
  rows: Rows,
  session: Uint8Array,
  next: (row: KeyRow) => KeyRow | null,
  changed: (row: KeyRow, state: KeyState | null) => void = () => {},
): Promise<KeyRow> {
  for (;;) {
    const found = await readRow(rows, rowName(session));
    if (found === null) throw new StoreError(`Cannot change ${rowName(session)}: it is not there`);
    const wanted = next(found.row);
    if (wanted === null) return found.row;
    if (!await writeRow(rows, found.version, wanted)) continue;
    changed(wanted, wanted.state === found.row.state ? null : keyState(wanted.state, found.row.state));
    return wanted;
  }
}

/**
 * Every session without a vote becomes `lost`: in a copy of a disk, it may have come to one since the
 * copy was made. Unreadable rows are left as they are.
 *
 * @param changed Called with each row that was written.
 * @throws {StoreError} If rows cannot be listed or written.
 */
export async function doubtOpened(
  rows: Rows,
  self: PeerId,
  changed: (row: KeyRow) => void = () => {},
): Promise<void> {
  for (const name of await rows.names(keyRows)) {
    const row = (await readRow(rows, name).catch(unlessStore))?.row;
    if (!row || !hasNoVote(row, self)) continue;
    const lost = (row: KeyRow): KeyRow | null => hasNoVote(row, self) ? { ...row, state: "lost" } : null;
    await change(rows, row.session, lost, changed);
  }
}

/** Whether all members of a row's key have voted for it, as far as is known here. */
export const isCertified = ({ state }: Pick<KeyRow, "state">): boolean =>
  state === "active" || state === "known";

/** The epochs, by their ids in hex, of which some rows have a certified successor. */
export function pastEpochs(rows: readonly KeyRow[]): ReadonlySet<string> {
  const certified = rows.filter(isCertified);
  return new Set(certified.flatMap(({ parent }) => parent ? [parent.session.toHex()] : []));
}

/** Whether this peer has released an epoch to a session in which it has no vote. */
export const isWitnessed = ({ state, key }: KeyRow, self: PeerId): boolean =>
  state === "released" && !key!.members.includes(self);

/** Whether a session began here, and nothing says that it came to a vote of this peer, which would have one. */
export const hasNoVote = (row: KeyRow, self: PeerId): boolean =>
  row.state === "opened" || row.state === "released" && !isWitnessed(row, self);

/** The state of a key for events; null if the row's state is none of a key's that is here. */
function keyState(state: RowState, before: RowState): KeyState | null {
  switch (state) {
    case "pending":
    case "given-up":
    case "active":
    case "gone":
      return state;
    case "known":
      return before === "active" ? "erased" : "active"; // of another's key, its certificate has come
    default:
      return null;
  }
}
