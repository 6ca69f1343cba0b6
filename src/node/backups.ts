/**
 * Backups of a node: made, read back, and taken note of. A backup that nobody has read is not counted as one.
 * @module
 */
import type { KeyName } from "../cluster/records/command.ts";
import { formatRoster, type Roster } from "../cluster/roster/roster.ts";
import { bytes, list, record, text, uint } from "../crypto/codec.ts";
import { InputError, StoreError } from "../errors.ts";
import type { Clock, Identity, Passphrases } from "../ports.ts";
import { readRow, type Rows } from "../keystore/key_rows.ts";
import { banRows, keyRows } from "../keystore/row_names.ts";
import { type Backup, collectRows, isWhole, readBackup, rowsOf, sealBackup } from "../keystore/backup.ts";

/** What is known of this node's backups. */
export interface BackupState {
  /** When the last backup that was read back was made, ms since 1970; null while there is none. */
  readonly at: number | null;
  /** Keys of this node that are in it. */
  readonly covered: readonly KeyName[];
  /**
   * Keys of this node that are in none as they are now: those made since, and those with a ban since, which a restore
   * would forget.
   */
  readonly uncovered: readonly KeyName[];
}

const stateRow = "backup/state";
/** `sessions`: those that made the keys in it; `bans`: the names of its rows about bans. */
const stateRecord = record("quorate/1/backup-state", {
  at: uint,
  sessions: list(bytes(32), 1_000_000),
  bans: list(text(1024), 1_000_000),
});

/** Whose node it is that is backed up. */
export interface BackupOf {
  identity: Pick<Identity, "peer" | "secrets" | "verify">;
  rows: Rows;
  clock: Pick<Clock, "now">;
  /** Where it is locked and opened; by default in this thread. */
  passphrases?: Passphrases | undefined;
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

/** Reads a backup back and takes note of it; see `QuorateNode.confirmBackup`. */
export async function confirmBackup(
  { identity, rows, passphrases }: BackupOf,
  file: Uint8Array,
  passphrase: string,
): Promise<void> {
  const backup = await readBackup(file, passphrase, passphrases);
  if (backup.peer !== identity.peer) {
    throw new InputError("backup", `expected one of ${identity.peer}, found one of ${backup.peer}`);
  }
  const saved = rowsOf(backup.rows);
  for (const name of await saved.names(keyRows)) {
    const { row } = (await readRow(saved, name))!;
    if (!await isWhole(backup, identity, row)) {
      const of = row.key === null ? name : `“${row.key.wallet}” on ${row.key.curve}`;
      throw new InputError("backup", `expected a sound share of ${of}, found another`);
    }
  }
  await noteBackup(rows, backup);
}

/** Notes that this backup was read back; one that is older than what is noted changes nothing. @throws {StoreError} */
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
  for (const name of await rows.names(keyRows)) {
    const row = (await readRow(rows, name))?.row;
    if (row?.state !== "active" && row?.state !== "pending") continue;
    const { session } = row;
    const key = row.key!;
    const id = session.toHex();
    const known = (await rows.names(`${banRows}${id}/`)).every((ban) => bans.has(ban));
    const list = sessions.has(id) && known ? covered : uncovered;
    list.push({ wallet: key.wallet, curve: key.curve });
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
