/**
 * A peer made whole from its backup: its records, and then, as the last step, its identity.
 * @module
 */
import { noteBackup } from "./backups.ts";
import { markRestored } from "../cluster/rollback/restoration.ts";
import { parseRoster, type Roster, verifyRoster } from "../cluster/roster/roster.ts";
import { keptRoster } from "../cluster/roster/roster_store.ts";
import { InputError, StoreError } from "../errors.ts";
import { identityFrom } from "../identity/identity.ts";
import type { Identity, Random, Store } from "../ports.ts";
import { dataKeyName, openDataKey, sealedRecords } from "../store/sealed.ts";
import { type Backup, readBackup } from "../keystore/backup.ts";
import { type KeyRestored, type MendableRows, restoreRows } from "../keystore/restore_rows.ts";
import { workerPassphrases } from "../worker/passphrases_client.ts";

export type { KeyRestored } from "../keystore/restore_rows.ts";

/** A backup that was opened with its passphrase; see {@linkcode openBackup}. It is secret as a whole. */
export interface OpenBackup {
  /** Whose it is. */
  readonly peer: Identity["peer"];
  /** The roster in force when it was made. */
  readonly roster: Roster;
  /** When it was made, ms since 1970. */
  readonly created: number;
  /** Puts it where it belongs. */
  restore(to: RestoreTo): Promise<Restored>;
}

/** Where a backup goes. */
export interface RestoreTo {
  /** Empty, or this peer's. */
  store: Store;
  /** Seals the rows. */
  random: Random;
  /**
   * Prepares the place where the identity is kept: asks for whatever locks it, and refuses what belongs to another
   * peer. What it returns writes it down, in one step.
   */
  keep(identity: Identity): Promise<() => Promise<void>>;
}

/** What came of a restore. */
export interface Restored {
  /** Who this is again. */
  identity: Identity;
  /** To start a node with: the newer of the backup's and the store's. Another peer may know a newer one still. */
  roster: Roster;
  /** Each key of the backup, and what became of it. */
  keys: KeyRestored[];
}

/**
 * Opens a backup. Nothing is written.
 *
 * @param options.startWorker Starts a worker as of `createNode`, in which that second of work is done; by default it is
 * done in this thread, which waits.
 * @throws {InputError} `passphrase` or `backup`.
 * @throws {SessionError} `internal`, if that worker breaks.
 */
export async function openBackup(
  file: Uint8Array,
  passphrase: string,
  { startWorker }: { startWorker?: () => Worker } = {},
): Promise<OpenBackup> {
  const backup = await readBackup(file, passphrase, startWorker && workerPassphrases(startWorker));
  const identity = await identityFrom(backup.secrets).catch(() => null);
  if (identity?.peer !== backup.peer) {
    throw new InputError("backup", `expected the keys of ${backup.peer}, found others`);
  }
  const roster = parseRoster(backup.roster);
  if (roster.cluster !== backup.cluster || !await verifyRoster(identity, roster)) {
    throw new InputError("backup", "expected a roster signed by the cluster's admin key, found another");
  }
  return {
    peer: backup.peer,
    roster,
    created: backup.created,
    restore: (to) => restore(backup, identity, roster, to),
  };
}

/**
 * The identity comes last: a crash before it leaves a store that this backup's peer alone can open, and the same restore
 * goes on where it was.
 *
 * @throws {InputError} `store`, if a running node uses it; `identity`, if it belongs to another peer; or what `keep`
 * throws. Then nothing was written.
 * @throws {StoreError}
 */
async function restore(
  backup: Backup,
  identity: Identity,
  roster: Roster,
  { store, random, keep }: RestoreTo,
): Promise<Restored> {
  await store.claim?.();
  const newer = await store.get(dataKeyName) === null ? null : await rosterIn(store, backup, random);
  if (newer !== null && newer.cluster !== roster.cluster) {
    throw new InputError("backup", `expected one of cluster ${newer.cluster}, found ${roster.cluster}`);
  }
  const write = await keep(identity);
  const key = await openDataKey(store, backup.secrets, random);
  try {
    const rows = sealedRecords(store, key, random);
    // First: whatever comes of the rest, a node with this store compares itself with the others before it signs.
    await markRestored(mendable(store, key, random));
    const keys = await restoreRows(backup, mendable(store, key, random), identity);
    if (keys.every(({ state }) => state !== "corrupt")) await noteBackup(rows, backup);
    await write();
    return { identity, roster: newer !== null && newer.version > roster.version ? newer : roster, keys };
  } finally {
    key.fill(0);
  }
}

/** The roster in a store that is there already. @throws {InputError} `identity`, if it is another's. */
async function rosterIn(store: Store, { secrets }: Backup, random: Random): Promise<Roster | null> {
  const key = await openDataKey(store, secrets, random);
  try {
    return await keptRoster(sealedRecords(store, key, random));
  } finally {
    key.fill(0);
  }
}

/** A damaged row is told from a store that does not answer: what was read is opened apart from the reading. */
function mendable(store: Store, key: Uint8Array, random: Random): MendableRows {
  const { swap, names } = sealedRecords(store, key, random);
  return {
    swap,
    names,
    async get(name) {
      const raw = await store.get(name);
      if (raw === null) return null;
      const read: Store = { ...store, get: () => Promise.resolve(raw) };
      return await sealedRecords(read, key, random).get(name).catch((error) => {
        if (!(error instanceof StoreError)) throw error;
        return { version: raw.version, plain: null };
      });
    },
  };
}
