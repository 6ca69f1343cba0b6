/**
 * The rows of keys: one for each key generation that a node took part in, changed by compare-and-set.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record, uint } from "../crypto/codec.ts";
import { StoreError, unlessStore } from "../errors.ts";
import type { KeyState } from "../events.ts";
import { maxParties, maxPreimage } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { decodePackage, encodePackage } from "./public_key_record.ts";
import { keyRows } from "./row_names.ts";
import type { Rows } from "./rows.ts";

/**
 * The state of a key generation at one member:
 *
 * - `opened`: its session began here, and this node has not voted;
 * - `no`: this node has not voted and never will, and may have said so;
 * - `pending`: the share is on disk, and with it this node's yes, for good;
 * - `given-up`: the same, but the name is free again. The certificate makes it active all the same;
 * - `lost`: it was restored from a backup before it was active. What was said since the backup is not known
 *   here, so this node says nothing more about it. The certificate makes it active all the same;
 * - `active`: all members have voted yes;
 * - `gone`: the operator has erased the share. The yes stays.
 */
export type RowState = "opened" | "no" | "pending" | "given-up" | "lost" | "active" | "gone";

/** A key generation as one member knows it. */
export interface KeyRow {
  state: RowState;
  /** The session that made the key, or was to make it: its id, 32 bytes. */
  session: Uint8Array;
  /** Null for `opened` and `no`. */
  key: PublicKeyPackage | null;
  /** 32 bytes; empty for `opened` and `no`. */
  transcript: Uint8Array;
  /** Sealed; empty for `opened`, `no` and `gone`. */
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
}

const states = [
  "opened",
  "no",
  "pending",
  "given-up",
  "lost",
  "active",
  "gone",
] as const satisfies RowState[];
const rowRecord = record("quorate/3/key-row", {
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
});

/** The row of a session of which there is neither a key nor a share here. */
export function rowWithout(state: "opened" | "no", session: Uint8Array, at: number): KeyRow {
  const none = new Uint8Array();
  const empty = { key: null, transcript: none, share: none, opens: [], votes: [], nos: [], preimage: none };
  return { state, session, at, ...empty };
}

/** The name of a key's row. @param session 32 bytes. */
export const rowName = (session: Uint8Array): string => keyRows + session.toHex();

export function encodeRow(row: KeyRow): Uint8Array {
  const key = row.key === null ? new Uint8Array() : encodePackage(row.key);
  return rowRecord.encode({ ...row, key, opens: [...row.opens], votes: [...row.votes], nos: [...row.nos] });
}

/** @throws {StoreError} If the row cannot be read, or is damaged. */
export async function readRow(rows: Rows, name: string): Promise<{ version: number; row: KeyRow } | null> {
  const found = await rows.get(name);
  if (found === null) return null;
  try {
    const { key, ...rest } = rowRecord.decode(found.plain);
    return { version: found.version, row: { ...rest, key: key.length === 0 ? null : decodePackage(key) } };
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
    changed(wanted, wanted.state === found.row.state ? null : keyState(wanted.state));
    return wanted;
  }
}

/**
 * Every opened session becomes `lost`: in a copy of a disk, such a session may have come to a vote since the
 * copy was made. Unreadable rows are left as they are.
 *
 * @param changed Called with each row that was written.
 * @throws {StoreError} If rows cannot be listed or written.
 */
export async function doubtOpened(rows: Rows, changed: (row: KeyRow) => void = () => {}): Promise<void> {
  for (const name of await rows.names(keyRows)) {
    const row = (await readRow(rows, name).catch(unlessStore))?.row;
    if (row?.state !== "opened") continue;
    const lost = (row: KeyRow): KeyRow | null => row.state === "opened" ? { ...row, state: "lost" } : null;
    await change(rows, row.session, lost, changed);
  }
}

/** The state of a key for events; null if the row's state is none of a key's. */
function keyState(state: RowState): KeyState | null {
  return state === "opened" || state === "no" || state === "lost" ? null : state;
}
