/**
 * Which rows of a backup go back into a store, and in which order: nothing newer is overwritten, nothing forbidden is
 * allowed again, and a crash anywhere leaves a store that the same restore makes whole.
 * @module
 */
import type { Curve } from "../events.ts";
import { StoreError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Identity } from "../ports.ts";
import { encodeRow, type KeyRow, readRow, rowName } from "./key_rows.ts";
import { banRows, frozenRows, keyRows } from "./row_names.ts";
import { type Backup, isWhole, pairIn, rowsOf } from "./backup.ts";
import { isSound, isSoundPair, pairsOf } from "./soundness.ts";

/** A store's rows to which a damaged one is no obstacle: `plain` is null, and it can be written over. */
export interface MendableRows {
  /** @throws {StoreError} If the store cannot be read; never for a damaged row. */
  get(name: string): Promise<{ version: number; plain: Uint8Array | null } | null>;
  swap(name: string, from: number | null, plain: Uint8Array): Promise<boolean>;
  names(prefix: string): Promise<string[]>;
}

/** What became of one key of a backup. */
export interface KeyRestored {
  /** The wallet's name. */
  wallet: string;
  /** The curve of the key. */
  curve: Curve;
  /** Counts resharings. */
  epoch: number;
  /**
   * - `restored`: it is in the store, its share checked against the key that all its members have signed;
   * - `pending`: it is in the store, its share is sound, and not all members had confirmed it yet. Its name is free; it
   *   becomes active when a member shows that all have confirmed it;
   * - `older-than-store`: the store has a later epoch of it, or has erased its share, and keeps that;
   * - `name-taken`: the store has another key of that name, and keeps that;
   * - `corrupt`: its share is not what the key says; nothing was written.
   */
  state: "restored" | "pending" | "older-than-store" | "name-taken" | "corrupt";
}

/**
 * Puts the rows of a backup back.
 *
 * @throws {StoreError} If the store cannot be read or written, or is written by someone else meanwhile. What is in it
 * then can be used, and doing the same again goes on.
 */
export async function restoreRows(
  backup: Backup,
  rows: MendableRows,
  identity: Pick<Identity, "peer" | "verify">,
): Promise<KeyRestored[]> {
  await loseOpened(rows);
  const put = async (prefix: string) => {
    for (const [name, plain] of backup.rows) if (name.startsWith(prefix)) await fill(rows, name, plain);
  };
  await put(banRows);
  await put(frozenRows);
  const told: KeyRestored[] = [];
  const saved = rowsOf(backup.rows);
  const held = await namesHeld(rows);
  for (const name of await saved.names(keyRows)) {
    const { row } = (await readRow(saved, name))!;
    const { state, wanted } = await judge(backup, rows, identity, row, held);
    if (state === "restored" || state === "pending") await mendPairs(backup, rows, identity.peer, row);
    if (wanted) {
      await overwrite(rows, name, encodeRow(wanted));
      hold(held, name, wanted);
    }
    if (row.key === null) continue;
    const { wallet, curve, epoch } = row.key;
    told.push({ wallet, curve, epoch, state });
  }
  return told;
}

/**
 * What the store has as opened becomes `lost`, as in a backup: a disk that is mended may have gone back, and this node
 * may have voted since.
 */
async function loseOpened(rows: MendableRows): Promise<void> {
  for (const name of await rows.names(keyRows)) {
    const row = await rowAt(rows, name);
    if (row?.state === "opened") await overwrite(rows, name, encodeRow({ ...row, state: "lost" }));
  }
}

/**
 * What is to become of one row of the backup, and what is to be written for that.
 *
 * What was not active in the backup comes back as `lost`: its yes may have been followed by anything, and a node that
 * went back in time says nothing about a session that others may have ended since. Its share is kept all the same.
 */
async function judge(
  backup: Backup,
  rows: MendableRows,
  identity: Pick<Identity, "peer" | "verify">,
  row: KeyRow,
  held: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<{ state: KeyRestored["state"]; wanted: KeyRow | null }> {
  const sound = (found: KeyRow | null) =>
    found === null ? false : isSound(identity, backup.secrets.storageKey, found);
  if (row.key === null || !await isWhole(backup, identity, row)) return { state: "corrupt", wanted: null };
  const name = rowName(row.session);
  const found = await rowAt(rows, name);
  const there = await sound(found) ? found : null;
  if (there?.state === "active") return { state: "restored", wanted: null };
  if (row.state !== "active") {
    if (there?.state === "gone") return { state: "older-than-store", wanted: null };
    const kept = there !== null && there.share.length > 0;
    return { state: "pending", wanted: kept ? null : { ...row, state: "lost" } };
  }
  for (const other of held.get(nameOf(row.key)) ?? []) {
    const theirs = other === name ? null : await rowAt(rows, other);
    if (theirs?.state !== "active" && theirs?.state !== "pending") continue;
    const { wallet, curve, epoch } = theirs.key ?? {};
    if (wallet !== row.key.wallet || curve !== row.key.curve || !await sound(theirs)) continue;
    return { state: epoch! > row.key.epoch ? "older-than-store" : "name-taken", wanted: null };
  }
  return { state: "restored", wanted: row };
}

const nameOf = ({ wallet, curve }: { wallet: string; curve: Curve }) => `${curve} ${wallet}`;

/** The names of a store's rows by those of their keys: read once, or each key of a backup would read all of them. */
async function namesHeld(rows: MendableRows): Promise<Map<string, Set<string>>> {
  const held = new Map<string, Set<string>>();
  for (const name of await rows.names(keyRows)) hold(held, name, await rowAt(rows, name));
  return held;
}

function hold(held: Map<string, Set<string>>, name: string, row: KeyRow | null): void {
  if (!row?.key) return;
  const names = held.get(nameOf(row.key)) ?? new Set();
  held.set(nameOf(row.key), names.add(name));
}

/** A key's row of the store, or null for none, and for a damaged one. @throws {StoreError} */
async function rowAt(rows: MendableRows, name: string): Promise<KeyRow | null> {
  const found = await rows.get(name);
  if (!found?.plain) return null;
  try {
    return (await readRow(rowsOf(new Map([[name, found.plain]])), name))!.row;
  } catch {
    return null; // it is in memory: what fails is its decoding
  }
}

/** Puts back what is missing or rotten of a key's pairs; never of one that is banned, which was erased for good. */
async function mendPairs(backup: Backup, rows: MendableRows, self: PeerId, row: KeyRow): Promise<void> {
  for (const other of pairsOf(self, row)) {
    const { name, ban, sealed } = pairIn(backup, row.session, other);
    if (sealed === null || await rows.get(ban) !== null) continue;
    const { plain } = await rows.get(name) ?? { plain: null };
    if (plain && await isSoundPair(self, backup.secrets.storageKey, row, other, plain)) continue;
    await overwrite(rows, name, sealed);
  }
}

/** Writes what is not there, or is damaged there. What is there stays. */
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
