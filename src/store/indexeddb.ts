/**
 * A store in the browser's IndexedDB.
 * @module
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { InputError, StoreError } from "../errors.ts";
import type { Store } from "../ports.ts";
import { checkName, remembered } from "./rules.ts";
import { isRefused, storageTrouble } from "./storage_trouble.ts";

const schemaVersion = 1;

interface Tables extends DBSchema {
  record: { key: string; value: { version: number; sealed: Uint8Array } };
  deleted: { key: number; value: { name: string; version: number }; indexes: { name: string } };
}
const tables = ["record", "deleted"] as const;
type Writing = IDBPTransaction<Tables, ["record", "deleted"], "readwrite">;

/**
 * Opens, or makes, a {@linkcode Store} in the IndexedDB database `name`. Writes ask for
 * `durability: "strict"`, because Chrome resolves by default before anything is on the disk.
 *
 * @throws {InputError} `store`, if it is another program's database, or of another version.
 * @throws {StoreError} If the browser stores nothing here: private browsing, blocked site data, a full disk.
 */
export async function indexedDbStore(name: string): Promise<Store> {
  const db = await open(name);

  /** Runs `work` in one transaction, which aborts if it throws. */
  async function transaction<T>(work: (tx: Writing) => Promise<T>): Promise<T> {
    const tx: Writing = db.transaction(["record", "deleted"], "readwrite", { durability: "strict" });
    const working = work(tx).catch((cause) => {
      abort(tx);
      throw cause;
    });
    const [result] = await Promise.all([working, tx.done]);
    return result;
  }

  return {
    get: (name) => attempt("read", name, async () => await db.get("record", name) ?? null),
    swap(name, from, sealed) {
      // A copy: the caller may change its buffer meanwhile, and a view would be cloned with its whole buffer.
      const copy = sealed && sealed.slice();
      return attempt("write", name, () => transaction((tx) => write(tx, name, from, copy)));
    },
    names: (prefix) =>
      attempt("list", prefix, async () => {
        // All names from the prefix on: no upper bound is above all names with the prefix.
        const names = await db.getAllKeys("record", IDBKeyRange.lowerBound(prefix));
        return names.filter((name) => name.startsWith(prefix)).sort();
      }),
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}

async function write(
  tx: Writing,
  name: string,
  from: number | null,
  sealed: Uint8Array | null,
): Promise<boolean> {
  const [records, deleted] = [tx.objectStore("record"), tx.objectStore("deleted")];
  const version = (await records.get(name))?.version ?? null;
  if (version !== from) return false;
  if (sealed !== null) {
    let last = version ?? 0;
    const grave = version === null ? await deleted.index("name").getKey(name) : undefined;
    if (grave !== undefined) {
      last = (await deleted.get(grave))?.version ?? 0;
      await deleted.delete(grave);
    }
    await records.put({ version: last + 1, sealed }, name);
  } else if (version !== null) {
    await records.delete(name);
    const nth = await deleted.add({ name, version });
    await deleted.delete(IDBKeyRange.upperBound(nth - remembered));
  }
  return true;
}

async function open(name: string): Promise<IDBPDatabase<Tables>> {
  try {
    const db = await openDB<Tables>(name, schemaVersion, {
      upgrade(db) {
        db.createObjectStore("record");
        db.createObjectStore("deleted", { autoIncrement: true }).createIndex("name", "name", {
          unique: true,
        });
      },
      // Another tab has a newer page open: it may upgrade, and this tab's calls fail from now on.
      blocking: (_version, _blocked, event) => (event.target as IDBDatabase).close(),
    });
    if (tables.every((table) => db.objectStoreNames.contains(table))) return db;
    db.close();
    throw new Error("another database of that name");
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "VersionError") {
      const found = (await indexedDB.databases()).find((database) => database.name === name)?.version;
      throw new InputError("store", `expected version ${schemaVersion}, found ${found ?? "another"}`, {
        cause,
      });
    }
    if (isRefused(cause)) {
      throw new StoreError(`Cannot open the store ${name}: ${storageTrouble(cause)}`, { cause });
    }
    throw new InputError("store", `expected a store called ${name}, found ${storageTrouble(cause)}`, {
      cause,
      code: "unreadable",
    });
  }
}

/** Turns every error into a {@linkcode StoreError}, a full quota included. */
async function attempt<T>(verb: string, name: string, work: () => Promise<T>): Promise<T> {
  checkName(name);
  try {
    return await work();
  } catch (cause) {
    throw new StoreError(`Cannot ${verb} ${JSON.stringify(name)}: ${storageTrouble(cause)}`, { cause });
  }
}

function abort(tx: Writing): void {
  try {
    tx.abort();
  } catch {
    // The error that led here has aborted it already.
  }
}
