/**
 * A store in one SQLite file, by `node:sqlite`, which is part of Deno.
 *
 * The calls are synchronous inside: while one waits for the disk, so does the whole process. That is about a
 * millisecond a write, and in return no two calls of one process are ever half-way through at the same time.
 * @module
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { resolve as absolute } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InputError, StoreError } from "../errors.ts";
import type { Store } from "../ports.ts";
import { checkName, remembered } from "./rules.ts";
import { claimed } from "./sqlite_claim.ts";

/** The version of the tables below, kept in `PRAGMA user_version`. */
const schemaVersion = 1;

const schema = `
  BEGIN;
  CREATE TABLE record (
    name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, sealed BLOB NOT NULL
  ) STRICT;
  CREATE TABLE deleted (
    nth INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};
  COMMIT;
`;

/** A SQLite file begins with a header of this size (sqlite.org/fileformat.html §1.3). */
const headerBytes = 100;

/** Another process that has the file open holds its lock for one write: seconds mean that it hangs. */
const lockMs = 2_000;

/**
 * Opens, or makes, a {@linkcode Store} in the file at `path`, readable by its owner only (0600). Beside it SQLite
 * keeps `path-wal` and `path-shm`, which belong to it; `path-lock` is what its user has locked, and stays.
 *
 * A write is on the disk when it resolves (WAL, `synchronous=FULL`). If the disk reports an error in the middle of
 * a write, that write is undone; should the power fail at the same moment, it may be there afterwards.
 *
 * The bytes of a row that was deleted or replaced are overwritten in the file (`secure_delete`). In `path-wal` they lie
 * until the log begins anew, after about 4 MB of writes, or until the store is closed.
 *
 * @throws {InputError} `store`, if the file cannot be read and written, is no store, or is one of another version.
 */
export function sqliteStore(path: string): Store {
  path = absolute(path); // or `:memory:` would be something else than a file
  const { db, statements } = open(path);
  const { begin, commit, read, list, update, insert, remove, revive, bury, prune } = statements;
  let claim: Disposable | null = null;

  function write(name: string, from: number | null, sealed: Uint8Array | null): boolean {
    if (from === null && sealed === null) return read.get(name) === undefined;
    if (from === null) {
      const inserted = insert.run(name, sealed).changes === 1;
      if (inserted) revive.run(name);
      return inserted;
    }
    if (sealed !== null) return update.run(sealed, name, from).changes === 1;
    if (remove.run(name, from).changes !== 1) return false;
    prune.run(bury.run(name, from).lastInsertRowid, remembered);
    return true;
  }

  /** All or nothing. */
  function transaction<T>(work: () => T): T {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } finally {
      if (db.isTransaction) db.exec("ROLLBACK");
    }
  }

  return {
    get: (name) =>
      attempt("read", name, () => {
        const row = read.get(name);
        return row === undefined
          ? null
          : { version: row.version as number, sealed: row.sealed as Uint8Array };
      }),
    swap: (name, from, sealed) => attempt("write", name, () => transaction(() => write(name, from, sealed))),
    names: (prefix) =>
      attempt("list", prefix, () => list.all(prefix).map((row) => row.name as string).sort()),
    claim: () =>
      new Promise((resolve) => {
        try {
          claim ??= claimed(realpathSync(path));
        } catch (cause) {
          throw notAStore(path, cause);
        }
        resolve();
      }),
    close() {
      if (db.isOpen) {
        emptyLog(db);
        db.close();
      }
      claim?.[Symbol.dispose]();
      claim = null;
      return Promise.resolve();
    },
  };
}

/** Moves all that is in the log into the file: erased rows are in the log until then, also while others have it open. */
function emptyLog(db: DatabaseSync): void {
  try {
    db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  } catch {
    // A disk that reports an error keeps the log as it is, whole: whoever opens the store next empties it.
  }
}

/** Runs `work` at once; whatever goes wrong is a {@linkcode StoreError}. */
function attempt<T>(verb: string, name: string, work: () => T): Promise<T> {
  return new Promise((resolve) => {
    checkName(name);
    try {
      resolve(work());
    } catch (cause) {
      throw new StoreError(`Cannot ${verb} ${JSON.stringify(name)}: ${messageOf(cause)}`, { cause });
    }
  });
}

/** @throws {InputError} */
function open(path: string): { db: DatabaseSync; statements: ReturnType<typeof prepare> } {
  let db: DatabaseSync | undefined;
  try {
    if (!existsSync(path)) create(path);
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? "a directory" : "something that is no file");
    if (stat.size < headerBytes) throw new Error(`a file of ${stat.size} bytes`); // which SQLite takes for a new one
    db = new DatabaseSync(path, { timeout: lockMs });
    // Nothing is written to a file before it is known to be a store.
    const version = db.prepare("PRAGMA user_version").get()?.user_version;
    if (version !== schemaVersion) {
      throw new InputError("store", `expected version ${schemaVersion}, found ${version}`);
    }
    const statements = prepare(db); // throws if this is another program's version 1
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // What is erased is overwritten with zeros, and a log that begins anew keeps nothing of the one before: an erased
    // pair would open with the storage key for as long as its sealed bytes lie in a free page.
    db.exec("PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 0;");
    // Compares the index of names with the rows: a name that rots in one of them would make its record "absent".
    const check = db.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
    if (check !== "ok") throw new Error(`a damaged one: ${check}`);
    chmodSync(path, 0o600);
    return { db, statements };
  } catch (cause) {
    db?.close();
    throw notAStore(path, cause);
  }
}

/**
 * Makes an empty store beside `path` and links it there when it is complete, unless another process was faster: an
 * incomplete file at `path` is always one that was damaged, never one that is being made. SQLite syncs the
 * directory with the first write.
 */
function create(path: string): void {
  const draft = `${path}-${crypto.randomUUID()}`;
  try {
    closeSync(openSync(draft, "wx", 0o600));
    const db = new DatabaseSync(draft);
    db.exec(schema);
    db.close();
    linkSync(draft, path);
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

function prepare(db: DatabaseSync) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    read: db.prepare("SELECT version, sealed FROM record WHERE name = ?"),
    // All that follows the prefix in UTF-8 is less than the byte 0xff. LIKE and GLOB would want escaping.
    list: db.prepare("SELECT name FROM record WHERE name >= ?1 AND name < ?1 || x'ff'"),
    update: db.prepare("UPDATE record SET version = version + 1, sealed = ? WHERE name = ? AND version = ?"),
    insert: db.prepare(
      "INSERT INTO record SELECT ?1, 1 + coalesce((SELECT version FROM deleted WHERE name = ?1), 0), ?2 " +
        "WHERE true ON CONFLICT DO NOTHING",
    ),
    remove: db.prepare("DELETE FROM record WHERE name = ? AND version = ?"),
    revive: db.prepare("DELETE FROM deleted WHERE name = ?"),
    bury: db.prepare("INSERT INTO deleted (name, version) VALUES (?, ?)"),
    prune: db.prepare("DELETE FROM deleted WHERE nth <= ?1 - ?2"),
  };
}

const found = new Map([
  ["ENOENT", "no directory for it"],
  ["ENOTDIR", "a file in its path where a directory should be"],
  ["EACCES", "that access is denied"],
  ["EPERM", "that access is denied"],
  ["EROFS", "a file system that is read-only"],
]);

function notAStore(path: string, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  const what = found.get(codeOf(cause)) ?? messageOf(cause);
  return new InputError("store", `expected a store at ${path}, found ${what}`, { cause });
}

const messageOf = (cause: unknown) => cause instanceof Error ? cause.message : String(cause);
const codeOf = (cause: unknown) => cause instanceof Error && "code" in cause ? String(cause.code) : "";
