/**
 * The restoration of a backup's rows into a store: nothing newer is overwritten, nothing forbidden is allowed
 * again, and after a crash at any point the same restoration completes the store.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import type { Scheme } from "../../events.ts";
import { StoreError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Identity } from "../../ports.ts";
import { encodeRow, hasNoVote, type KeyRow, pastEpochs, readRow, rowName } from "../key_rows.ts";
import { banRows, failedRows, frozenRows, keyRows } from "../row_names.ts";
import { type Backup, isWhole, pairIn, rowsOf } from "./backup.ts";
import { isSound, isSoundPair, pairsOf } from "../soundness.ts";

/** The rows of a store, of which a damaged one can be read and overwritten: its `plain` is null. */
export interface MendableRows {
  /** @throws {StoreError} If the store cannot be read; never for a damaged row. */
  get(name: string): Promise<{ version: number; plain: Uint8Array | null } | null>;
  swap(name: string, from: number | null, plain: Uint8Array): Promise<boolean>;
  names(prefix: string): Promise<string[]>;
}

/** The outcome of the restoration of one key. */
export interface KeyRestored {
  /** The wallet's name. */
  wallet: string;
  /** The scheme of the key. */
  scheme: Scheme;
  /** Counts resharings. */
  epoch: number;
  /**
   * - `restored`: it is in the store, and its share was checked against the key that all its members have
   *   signed;
   * - `pending`: it is in the store, its share is sound, and not all members had confirmed it yet. Its name
   *   is free; it becomes active when a member shows that all have confirmed it;
   * - `older-than-store`: the store has a later epoch of it, or has erased its share, and was left so;
   * - `name-taken`: the store has another key of that name, and was left so;
   * - `corrupt`: its share does not belong to the key; nothing was written.
   */
  state: "restored" | "pending" | "older-than-store" | "name-taken" | "corrupt";
}

/**
 * Restores the rows of a backup.
 *
 * @throws {StoreError} If the store cannot be read or written, or is written by another process meanwhile.
 * Its content can be used even then, and the same restore continues.
 */
export async function restoreRows(
  backup: Backup,
  rows: MendableRows,
  identity: Pick<Identity, "peer" | "verify">,
): Promise<KeyRestored[]> {
  await loseOpened(rows, identity.peer);
  const put = async (prefix: string) => {
    for (const [name, plain] of backup.rows) if (name.startsWith(prefix)) await fill(rows, name, plain);
  };
  await put(banRows);
  await put(frozenRows);
  await put(failedRows);
  const outcomes: KeyRestored[] = [];
  const saved = rowsOf(backup.rows);
  const held = await heldIn(rows);
  for (const name of await saved.names(keyRows)) {
    const { row } = (await readRow(saved, name))!;
    const { state, wanted } = await judge(backup, rows, identity, row, held);
    if (state === "restored" || state === "pending") await mendPairs(backup, rows, identity.peer, row);
    if (wanted) await overwrite(rows, name, encodeRow(wanted));
    if (row.key === null || row.state === "known") continue;
    const { wallet, scheme, epoch } = row.key;
    outcomes.push({ wallet, scheme, epoch, state });
  }
  return outcomes;
}

/**
 * Marks every row of the store without a vote as `lost`, as in a backup: the store may be an earlier copy,
 * and this node may have voted since.
 */
async function loseOpened(rows: MendableRows, self: PeerId): Promise<void> {
  for (const name of await rows.names(keyRows)) {
    const row = await rowAt(rows, name);
    if (row && hasNoVote(row, self)) await overwrite(rows, name, encodeRow({ ...row, state: "lost" }));
  }
}

/**
 * Decides about one row of the backup: the outcome of its key, and the row to write.
 *
 * A key that was not active in the backup comes back as `lost`: its yes may have been followed by anything,
 * and a node that went back in time must not vote about a session that others may have ended since. Its share
 * is kept all the same.
 */
async function judge(
  backup: Backup,
  rows: MendableRows,
  identity: Pick<Identity, "peer" | "verify">,
  row: KeyRow,
  held: Held,
): Promise<{ state: KeyRestored["state"]; wanted: KeyRow | null }> {
  const sound = (found: KeyRow | null) =>
    found === null ? false : isSound(identity, backup.secrets.storageKey, found);
  if (row.key === null || !await isWhole(backup, identity, row)) return { state: "corrupt", wanted: null };
  const name = rowName(row.session);
  const found = await rowAt(rows, name);
  const there = await sound(found) ? found : null;
  if (there?.state === "active") return { state: "restored", wanted: null };
  if (row.state === "known") return { state: "restored", wanted: there === null ? row : null };
  if (held.past.has(row.session.toHex())) return { state: "older-than-store", wanted: null };
  if (row.state !== "active") {
    if (there?.state === "gone") return { state: "older-than-store", wanted: null };
    const kept = there !== null && there.share.length > 0;
    return { state: "pending", wanted: kept ? null : { ...row, state: "lost" } };
  }
  for (const other of held.names.get(nameOf(row.key)) ?? []) {
    const rival = other === name ? null : await rowAt(rows, other);
    if (rival?.state !== "active" && rival?.state !== "pending") continue;
    if (await sound(rival) && !areOfOneKey(rival, row)) return { state: "name-taken", wanted: null };
  }
  return { state: "restored", wanted: row };
}

/** Whether two rows are epochs of one key: they live beside each other, and the last certified one is used. */
const areOfOneKey = (one: KeyRow, other: KeyRow): boolean =>
  (one.parent !== null || other.parent !== null) && equal(one.key!.publicKey, other.key!.publicKey);

/** The rows of a store before anything of a backup is written to it. */
interface Held {
  /** The names of the rows by the names of their keys. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** The epochs that the store has a certified successor of, in hex. */
  readonly past: ReadonlySet<string>;
}

const nameOf = ({ wallet, scheme }: { wallet: string; scheme: Scheme }) => `${scheme} ${wallet}`;

/** Reads the rows of a store, once for all keys of a backup. */
async function heldIn(rows: MendableRows): Promise<Held> {
  const names = new Map<string, string[]>();
  const held: KeyRow[] = [];
  for (const name of await rows.names(keyRows)) {
    const row = await rowAt(rows, name);
    if (!row?.key) continue;
    names.set(nameOf(row.key), [...names.get(nameOf(row.key)) ?? [], name]);
    held.push(row);
  }
  return { names, past: pastEpochs(held) };
}

/** The row of a key in the store; null if there is none, or if it is damaged. @throws {StoreError} */
async function rowAt(rows: MendableRows, name: string): Promise<KeyRow | null> {
  const found = await rows.get(name);
  if (!found?.plain) return null;
  try {
    return (await readRow(rowsOf(new Map([[name, found.plain]])), name))!.row;
  } catch {
    return null; // the row is in memory, so only its decoding can fail
  }
}

/** Restores the missing or damaged pairs of a key; never a banned pair, which was erased for good. */
async function mendPairs(backup: Backup, rows: MendableRows, self: PeerId, row: KeyRow): Promise<void> {
  for (const other of pairsOf(self, row)) {
    const { name, ban, sealed } = pairIn(backup, row.session, other);
    if (sealed === null || await rows.get(ban) !== null) continue;
    const { plain } = await rows.get(name) ?? { plain: null };
    if (plain && await isSoundPair(self, backup.secrets.storageKey, row, other, plain)) continue;
    await overwrite(rows, name, sealed);
  }
}

/** Writes a row if it is missing or damaged. A sound row stays. */
async function fill(rows: MendableRows, name: string, plain: Uint8Array): Promise<void> {
  const found = await rows.get(name);
  if (!found?.plain) await replace(rows, name, found?.version ?? null, plain);
}

async function overwrite(rows: MendableRows, name: string, plain: Uint8Array): Promise<void> {
  await replace(rows, name, (await rows.get(name))?.version ?? null, plain);
}

async function replace(
  rows: MendableRows,
  name: string,
  from: number | null,
  plain: Uint8Array,
): Promise<void> {
  if (await rows.swap(name, from, plain)) return;
  throw new StoreError(
    `Cannot restore ${JSON.stringify(name)}: something else writes to this store; stop it first`,
  );
}
