/**
 * The restoring of a peer from its backup: its records, and as the last step its identity.
 * @module
 */
import { noteBackup } from "./backups.ts";
import { markRestored, restoredState } from "../cluster/rollback/restoration.ts";
import { parseRoster, type Roster, verifyRoster } from "../cluster/roster/roster.ts";
import { keptRoster } from "../cluster/roster/roster_store.ts";
import { InputError, StoreError } from "../errors.ts";
import { identityFrom } from "../identity/identity.ts";
import type { Identity, Random, Store, WorkerLike } from "../ports.ts";
import { dataKeyName, openDataKey, sealedRecords } from "../store/sealed.ts";
import { type Backup, readBackup } from "../keystore/backup/backup.ts";
import { type KeyRestored, type MendableRows, restoreRows } from "../keystore/backup/restore_rows.ts";
import { unlessAborted } from "../platform/signals.ts";
import { workerPassphrases } from "../worker/passphrases.ts";

export type { KeyRestored } from "../keystore/backup/restore_rows.ts";

/** A backup opened with its passphrase; see {@linkcode openBackup}. All of it is secret. */
export interface OpenBackup {
  /** The peer that it is a backup of. */
  readonly peer: Identity["peer"];
  /** The roster that was in force when it was made. */
  readonly roster: Roster;
  /** The time at which it was made, ms since 1970. */
  readonly created: number;
  /** Writes its records and its identity. @throws The signal's reason, if it aborts. */
  restore(to: RestoreTo): Promise<Restored>;
}

/** The places that a backup is restored to. */
export interface RestoreTo {
  /** An empty store, or this peer's. */
  store: Store;
  /** Seals the rows. */
  random: Random;
  /**
   * Prepares the place of the identity: asks for a lock, and refuses a place that belongs to another peer.
   *
   * @returns Writes the identity, in one step.
   */
  keep(identity: Identity): Promise<() => Promise<void>>;
  /** Ends the waiting. Before the first write it lets nothing be written; after it the restore goes on. */
  signal?: AbortSignal;
}

/** The outcome of a restore. */
export interface Restored {
  /** The restored identity. */
  identity: Identity;
  /**
   * The roster to start a node with: the newer of the backup's and the store's. Other peers may have a newer
   * one.
   */
  roster: Roster;
  /** Each key of the backup, with its outcome. */
  keys: KeyRestored[];
  /**
   * Whether the store was known to be set back before. A backup does not settle that; its operator must
   * confirm it.
   */
  staysRolledBack: boolean;
}

/**
 * Opens a backup. Nothing is written.
 *
 * @param options.startWorker Starts a worker, as in `createNode`, that does this second of work; by default
 * this thread does it and waits.
 * @param options.signal Ends the waiting.
 * @throws {InputError} `passphrase` or `backup`. The signal's reason, if it aborts.
 * @throws {SessionError} `internal`, if that worker breaks.
 */
export async function openBackup(
  file: Uint8Array,
  passphrase: string,
  { startWorker, signal }: { startWorker?: () => WorkerLike; signal?: AbortSignal } = {},
): Promise<OpenBackup> {
  const passphrases = startWorker && workerPassphrases(startWorker);
  const backup = await unlessAborted(signal, () => readBackup(file, passphrase, passphrases));
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
    restore: (to) => unlessAborted(to.signal, () => restore(backup, identity, roster, to)),
  };
}

/**
 * Restores the records and then the identity: after a crash in between, only this backup's peer can open the
 * store, and the same restore continues.
 *
 * @throws {InputError} `store`, if a running node uses it; `identity`, if it belongs to another peer; or what
 * `keep` throws. Then nothing was written.
 * @throws {StoreError}
 */
async function restore(
  backup: Backup,
  identity: Identity,
  roster: Roster,
  { store, random, keep, signal }: RestoreTo,
): Promise<Restored> {
  await store.claim?.();
  const newer = await store.get(dataKeyName) === null ? null : await rosterIn(store, backup, random);
  if (newer !== null && newer.cluster !== roster.cluster) {
    throw new InputError("backup", `expected one of cluster ${newer.cluster}, found ${roster.cluster}`, {
      code: "foreign",
    });
  }
  const write = await keep(identity);
  signal?.throwIfAborted();
  const key = await openDataKey(store, backup.secrets, random);
  try {
    const rows = sealedRecords(store, key, random);
    // This mark comes first: even after a crash a node with this store compares itself with others before it signs.
    await markRestored(mendable(store, key, random));
    const keys = await restoreRows(backup, mendable(store, key, random), identity);
    if (keys.every(({ state }) => state !== "corrupt")) await noteBackup(rows, backup);
    await write();
    const mark = await restoredState(rows);
    return {
      identity,
      roster: newer !== null && newer.version > roster.version ? newer : roster,
      keys,
      staysRolledBack: mark?.state === "rolled-back",
    };
  } finally {
    key.fill(0);
  }
}

/** The roster in an existing store. @throws {InputError} `identity`, if the store is another peer's. */
async function rosterIn(store: Store, { secrets }: Backup, random: Random): Promise<Roster | null> {
  const key = await openDataKey(store, secrets, random);
  try {
    return await keptRoster(sealedRecords(store, key, random));
  } finally {
    key.fill(0);
  }
}

/**
 * The rows of a store, of which a damaged one is null. Reading and opening are apart, so that a failing store
 * still throws.
 */
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
