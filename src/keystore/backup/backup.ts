/**
 * A backup: one age file, encrypted to a passphrase, with canonical records in it, each after its length: a
 * head, and then a record for each row. It is written and read a row at a time, and may be of any size. It
 * has the rows that cannot be made again, and nothing that must be used only once: no nonces, no sessions, no
 * command ids.
 *
 * Rows are copied as they are in the store, selected by the prefix of their names. A share in one is still
 * encrypted to the storage key, which is in the backup beside it.
 * @module
 */
import { bytes, bytesUpTo, peerId, record, text, uint } from "../../crypto/codec.ts";
import { normalPassphrase } from "../../text/passphrase.ts";
import { InputError, SessionError, StoreError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { backupWorkFactor, minPassphrase } from "../../limits.ts";
import type { Identity, IdentitySecrets, Passphrases } from "../../ports.ts";
import { type KeyRow, readRow } from "../key_rows.ts";
import type { Rows } from "../rows.ts";
import { banRows, failedRows, frozenRows, keyRows, pairRows } from "../row_names.ts";
import { asRecords, bytesOf, recordsIn, streamOf } from "./byte_streams.ts";
import { passphrasesHere } from "../passphrases.ts";
import { isSound, isSoundPair, pairsOf } from "../soundness.ts";

/**
 * The prefixes of the rows in a backup, in the order in which they are restored: a row that forbids comes
 * before the rows that it forbids, and a key's own row, which makes it usable, comes last.
 */
export const backedUp = [banRows, frozenRows, failedRows, pairRows, keyRows] as const;

const headRecord = record("quorate/3/backup", {
  peer: peerId,
  peerSeed: bytes(32),
  storageKey: text(128),
  cluster: peerId,
  roster: text(256 * 1024),
  created: uint,
  /** The number of rows that follow. */
  rows: uint,
});
/**
 * A row with its name: `pair/<session>/<peer>` has fewer than 1,024 units, and 1 MiB is eighty times a pair's
 * state.
 */
const rowRecord = record("quorate/3/backup-row", { name: text(1024), plain: bytesUpTo(1024 * 1024) });
/** The most bytes of a record in a backup: a row and its name. */
const maxRecord = 1024 * 1024 + 8 * 1024;

/** The content of a backup, secret as a whole. */
export interface Backup {
  /** The owner. */
  peer: PeerId;
  /** Both keys of that peer. */
  secrets: IdentitySecrets;
  /** The peer id of the cluster's admin key. */
  cluster: PeerId;
  /** The roster in force then, as a roster file. */
  roster: string;
  /** Wall time, ms since 1970. */
  created: number;
  /** The rows, plain. */
  rows: ReadonlyMap<string, Uint8Array>;
}

/**
 * The rows that belong in a backup. Of key rows, those with a share, and those of certificates that lead to them: any
 * other only records this node's votes about a session, which may have changed since.
 *
 * @throws {StoreError} If one of them cannot be read, or is damaged.
 */
export async function collectRows(rows: Rows): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const prefix of backedUp) {
    for (const name of await rows.names(prefix)) {
      // Reading the row fails if it is damaged: a row that cannot be read back must not count as saved.
      if (prefix === keyRows && !belongsInBackup(await readRow(rows, name))) continue;
      const row = await rows.get(name);
      if (row) found.set(name, row.plain);
    }
  }
  return found;
}

const belongsInBackup = (found: { row: KeyRow } | null): boolean =>
  found !== null && (found.row.share.length > 0 || found.row.state === "known");

/**
 * Encrypts a backup with a passphrase.
 *
 * @param options.passphrases Does the work; by default this thread.
 * @param options.workFactor Of scrypt, log2 N. Only tests have reason to ask for another.
 * @throws {InputError} `passphrase`, if it is too short.
 */
export async function sealBackup(
  { secrets, rows, ...rest }: Backup,
  passphrase: string,
  { passphrases = passphrasesHere, workFactor = backupWorkFactor }: {
    passphrases?: Passphrases | undefined;
    workFactor?: number;
  } = {},
): Promise<Uint8Array> {
  if (normalPassphrase(passphrase).length < minPassphrase) {
    throw new InputError("passphrase", `expected at least ${minPassphrase} characters, found fewer`);
  }
  const head = headRecord.encode({ ...rest, ...secrets, rows: rows.size });
  function* records(): Generator<Uint8Array> {
    headRecord.decode(head);
    yield head;
    for (const [name, plain] of rows) {
      const row = rowRecord.encode({ name, plain });
      rowRecord.decode(row); // an unreadable row must not be written
      yield row;
    }
  }
  try {
    return await bytesOf(await passphrases.seal(streamOf(asRecords(records())), passphrase, workFactor));
  } finally {
    head.fill(0);
  }
}

/**
 * Opens a backup and decodes all of it. Nothing is written.
 *
 * @throws {InputError} `backup`, if it is no backup, or of another version; `passphrase`, if it does not
 * open: age cannot tell a wrong passphrase from a damaged file.
 */
export async function readBackup(
  file: Uint8Array,
  passphrase: string,
  passphrases: Passphrases = passphrasesHere,
): Promise<Backup> {
  if (!new TextDecoder().decode(file.subarray(0, 32)).startsWith("age-encryption.org/v1\n")) {
    throw new InputError("backup", "expected an age file, found something else");
  }
  const wrong = () =>
    new InputError(
      "passphrase",
      "expected the one that locks the backup, found another (or the backup is damaged)",
      { code: "wrong-passphrase" },
    );
  const plain = await passphrases.open(streamOf([file]), passphrase);
  if (plain === null) throw wrong();
  const records = recordsIn(plain, maxRecord);
  const next = async () => {
    const { value } = await records.next().catch((error) => {
      if (error instanceof SessionError || error instanceof TypeError) throw error;
      throw wrong();
    });
    return value ?? null;
  };
  try {
    return await decoded(next);
  } catch (error) {
    if (error instanceof InputError || error instanceof SessionError) throw error;
    // The original error may quote a secret.
    throw new InputError("backup", "expected version 2 of a Quorate backup, found something else");
  } finally {
    await records.return(undefined);
  }
}

/** @throws {TypeError} If it is no backup, or not complete. */
async function decoded(next: () => Promise<Uint8Array | null>): Promise<Backup> {
  const first = await next() ?? new Uint8Array();
  const { peer, peerSeed: seed, storageKey, rows: count, ...rest } = headRecord.decode(first);
  const peerSeed = Uint8Array.from(seed);
  first.fill(0);
  const rows = new Map<string, Uint8Array>();
  for (let row = await next(); row !== null; row = await next()) {
    const { name, plain } = rowRecord.decode(row);
    if (rows.has(name) || !belongs(name)) throw new TypeError("Cannot read a backup: a row is out of place");
    rows.set(name, plain);
    if (name.startsWith(keyRows)) await readRow(rowsOf(new Map([[name, plain]])), name);
  }
  if (rows.size !== count) throw new TypeError("Cannot read a backup: rows are missing");
  return { ...rest, peer, secrets: { peerSeed, storageKey }, rows };
}

const belongs = (name: string) => backedUp.some((prefix) => name.startsWith(prefix));

/** The rows of a backup, to be read like those of a store; they are never written. */
export function rowsOf(rows: ReadonlyMap<string, Uint8Array>): Rows {
  return {
    swap: () => Promise.resolve(false),
    get: (name) => Promise.resolve(rows.has(name) ? { version: 1, plain: rows.get(name)! } : null),
    names: (prefix) => Promise.resolve([...rows.keys()].filter((name) => name.startsWith(prefix)).sort()),
    erase: () => Promise.reject(new StoreError("Cannot erase a row of a backup")),
  };
}

/** The names of a pair's row and of its ban, and the pair's sealed state in a backup, or null. */
export function pairIn(backup: Backup, session: Uint8Array, other: PeerId) {
  const place = `${session.toHex()}/${other}`;
  const name = pairRows + place;
  return { name, ban: banRows + place, sealed: backup.rows.get(name) ?? null };
}

/**
 * Whether a key of a backup could sign again: see {@linkcode isSound}; and in a scheme with pairs, the state
 * of each pair that is not banned is there and opens. Returns false instead of throwing.
 */
export async function isWhole(
  backup: Backup,
  identity: Pick<Identity, "peer" | "verify">,
  row: KeyRow,
): Promise<boolean> {
  const { secrets: { storageKey }, rows } = backup;
  if (!await isSound(identity, storageKey, row)) return false;
  for (const other of pairsOf(identity.peer, row)) {
    const { ban, sealed } = pairIn(backup, row.session, other);
    if (rows.has(ban)) continue;
    if (sealed === null || !await isSoundPair(identity.peer, storageKey, row, other, sealed)) return false;
  }
  return true;
}
