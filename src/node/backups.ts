/**
 * The backups of a node: made, read back, and recorded. A backup that was never read back does not count.
 * @module
 */
import type { KeyName } from "../cluster/records/key_name.ts";
import { formatRoster, type Roster } from "../cluster/roster/roster.ts";
import { bytes, list, record, text, uint } from "../crypto/codec.ts";
import { InputError, StoreError } from "../errors.ts";
import type { Clock, Identity, Passphrases } from "../ports.ts";
import { type KeyRow, pastEpochs, readRow } from "../keystore/key_rows.ts";
import type { Rows } from "../keystore/rows.ts";
import { banRows, keyRows } from "../keystore/row_names.ts";
import {
  type Backup,
  collectRows,
  isWhole,
  readBackup,
  rowsOf,
  sealBackup,
} from "../keystore/backup/backup.ts";

/** The state of this node's backups. */
export interface BackupState {
  /** The time of the last backup that was read back, ms since 1970; null while there is none. */
  readonly at: number | null;
  /** Keys of this node that are in that backup. */
  readonly covered: readonly KeyName[];
  /**
   * Keys of this node that are not in it as they are now: those made since, and those with a ban since, which
   * a restore would forget.
   */
  readonly uncovered: readonly KeyName[];
}

const stateRow = "backup/state";
/** Keys, and bans, of one backup. */
const mostNamed = 1_000_000;
/** `sessions`: of the keys in the backup; `bans`: the names of the backup's rows about bans. */
const stateRecord = record("quorate/1/backup-state", {
  at: uint,
  sessions: list(bytes(32), mostNamed),
  bans: list(text(1024), mostNamed),
}, { values: 4 + 2 * mostNamed });

/** The node that is backed up. */
export interface BackupOf {
  identity: Pick<Identity, "peer" | "secrets" | "verify">;
  rows: Rows;
  clock: Pick<Clock, "now">;
  /** Locks and opens the file; by default in this thread. */
  passphrases?: Passphrases | undefined;
  /** Once aborted, nothing is recorded. */
  signal?: AbortSignal | undefined;
}

/** One age file; see `QuorateNode.backup`. */
export async function makeBackup(
  { identity, rows, clock, roster, passphrases }: BackupOf & { roster: Roster },
  passphrase: string,
): Promise<Uint8Array> {
  const { cluster } = roster;
  const secrets = identity.secrets();
  try {
    const rest = { peer: identity.peer, cluster, roster: formatRoster(roster), created: clock.now() };
    return await sealBackup({ ...rest, secrets, rows: await collectRows(rows) }, passphrase, { passphrases });
  } finally {
    secrets.peerSeed.fill(0);
  }
}

/** Reads a backup back and records it; see `QuorateNode.confirmBackup`. */
export async function confirmBackup(
  { identity, rows, passphrases, signal }: BackupOf,
  file: Uint8Array,
  passphrase: string,
): Promise<void> {
  const backup = await readBackup(file, passphrase, passphrases);
  if (backup.peer !== identity.peer) {
    throw new InputError("backup", `expected one of ${identity.peer}, found one of ${backup.peer}`, {
      code: "foreign",
    });
  }
  const saved = rowsOf(backup.rows);
  for (const name of await saved.names(keyRows)) {
    const { row } = (await readRow(saved, name))!;
    if (!await isWhole(backup, identity, row)) {
      const of = row.key === null ? name : `“${row.key.wallet}” for ${row.key.scheme}`;
      throw new InputError("backup", `expected a sound share of ${of}, found another`);
    }
  }
  signal?.throwIfAborted();
  await noteBackup(rows, backup);
}

/** Records that this backup was read back, unless a newer one is recorded. @throws {StoreError} */
export async function noteBackup(rows: Rows, { created, rows: saved }: Backup): Promise<void> {
  const sessions = [...saved.keys()].filter((name) => name.startsWith(keyRows)).map((name) =>
    Uint8Array.fromHex(name.slice(keyRows.length))
  );
  const bans = [...saved.keys()].filter((name) => name.startsWith(banRows));
  for (;;) {
    const found = await noted(rows);
    if (found !== null && found.at > created) return;
    if (
      await rows.swap(stateRow, found?.version ?? null, stateRecord.encode({ at: created, sessions, bans }))
    ) {
      return;
    }
  }
}

/** See `QuorateNode.backupState`. */
export async function backupState(rows: Rows): Promise<BackupState> {
  const found = await noted(rows);
  const covered: KeyName[] = [];
  const uncovered: KeyName[] = [];
  const sessions = new Set(found?.sessions.map((session) => session.toHex()));
  const bans = new Set(found?.bans);
  const all: KeyRow[] = [];
  for (const name of await rows.names(keyRows)) {
    const row = (await readRow(rows, name))?.row;
    if (row) all.push(row);
  }
  // A share of a past epoch needs no backup: it is about to be erased.
  const past = pastEpochs(all);
  for (const row of all) {
    if (row.state !== "active" && row.state !== "pending" || past.has(row.session.toHex())) continue;
    const { session } = row;
    const key = row.key!;
    const id = session.toHex();
    const known = (await rows.names(`${banRows}${id}/`)).every((ban) => bans.has(ban));
    const list = sessions.has(id) && known ? covered : uncovered;
    list.push({ wallet: key.wallet, scheme: key.scheme });
  }
  return { at: found?.at ?? null, covered, uncovered };
}

async function noted(
  rows: Rows,
): Promise<{ version: number; at: number; sessions: Uint8Array[]; bans: string[] } | null> {
  const found = await rows.get(stateRow);
  if (found === null) return null;
  try {
    return { version: found.version, ...stateRecord.decode(found.plain) };
  } catch (cause) {
    throw new StoreError(`Cannot read ${stateRow}: it is damaged`, { cause });
  }
}
