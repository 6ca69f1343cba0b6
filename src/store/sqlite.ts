/**
 * A store in one SQLite file, by `node:sqlite`, which is part of Deno.
 *
 * It needs no more of `node:sqlite` than Node 22.13 has, where `isTransaction`, `isOpen` and the option `timeout` are missing
 * without an error, and numbered parameters (`?1`) cannot be bound.
 *
 * The calls are synchronous: while one waits for the disk, the whole process does. That is about a
 * millisecond a write, and in return no two calls of one process ever interleave.
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
import { codeOf, isCode } from "../platform/system_errors.ts";
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

/** Bytes of the header of a SQLite file (sqlite.org/fileformat.html §1.3). */
const headerBytes = 100;

/**
 * The time to wait for another process's lock, ms. It holds the lock for one write: after seconds it must
 * hang.
 */
const lockMs = 2_000;

/**
 * Opens, or makes, a {@linkcode Store} in the file at `path`, readable by its owner only (0600). Beside it
 * are SQLite's `path-wal` and `path-shm`, which belong to it, and `path-lock`, the file of its user's claim,
 * which stays.
 *
 * A write is on the disk when it resolves (WAL, `synchronous=FULL`). If the disk reports an error in the
 * middle of a write, that write is undone; if the power fails at the same moment, it may be there afterwards.
 *
 * The bytes of a row that was deleted or replaced are overwritten in the file (`secure_delete`). They stay in
 * `path-wal` until the log starts over, after about 4 MB of writes, or until the store is closed.
 *
 * @throws {InputError} `store`, if the file cannot be read and written, is no store, or is one of another
 * version.
 */
export function sqliteStore(path: string): Store {
  path = absolute(path); // otherwise `:memory:` would not be a file
  const { db, statements } = open(path);
  const { begin, commit, read, list, update, insert, remove, revive, bury, prune } = statements;
  let claim: Disposable | null = null;
  let isOpen = true;

  function write(name: string, from: number | null, sealed: Uint8Array | null): boolean {
    if (from === null && sealed === null) return read.get(name) === undefined;
    if (from === null) {
      const inserted = insert.run(name, name, sealed).changes === 1;
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
    } catch (cause) {
      rollBack(db);
      throw cause;
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
      attempt("list", prefix, () => list.all(prefix, prefix).map((row) => row.name as string).sort()),
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
      if (isOpen) {
        emptyLog(db);
        db.close();
        isOpen = false;
      }
      claim?.[Symbol.dispose]();
      claim = null;
      return Promise.resolve();
    },
  };
}

/**
 * Undoes the transaction, unless SQLite has done so itself, as it may when the disk is full
 * (sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction").
 */
function rollBack(db: DatabaseSync): void {
  try {
    db.exec("ROLLBACK");
  } catch {
    // No transaction is left to undo.
  }
}

/**
 * Empties the log into the file: erased rows stay in the log until then, even while other processes have it
 * open.
 */
function emptyLog(db: DatabaseSync): void {
  try {
    db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  } catch {
    // After an error of the disk the log stays whole. The next opening of the store empties it.
  }
}

/** Runs `work` at once, and turns every error into a {@linkcode StoreError}. */
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
    if (stat.size < headerBytes) throw new Error(`a file of ${stat.size} bytes`); // SQLite would treat it as a new file
    db = new DatabaseSync(path);
    db.exec(`PRAGMA busy_timeout = ${lockMs}`);
    // Nothing is written to a file before it is known to be a store.
    const version = db.prepare("PRAGMA user_version").get()?.user_version;
    if (version !== schemaVersion) {
      throw new InputError("store", `expected version ${schemaVersion}, found ${version}`);
    }
    const statements = prepare(db); // throws if this is another program's version 1
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // Erased rows are overwritten with zeros, and a log that starts over keeps nothing of the previous one:
    // with the storage key, an erased pair could be opened while its sealed bytes were in a free page.
    db.exec("PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 0;");
    // Compares the index of names with the rows: a damaged name in one of them would make its record
    // "absent".
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
 * Makes an empty store beside `path` and links it to `path` when it is complete, unless another process was
 * faster: an incomplete file at `path` is always a damaged one, never one that is being made. SQLite syncs
 * the directory with the first write.
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
    if (!isCode(cause, "EEXIST")) throw cause;
  } finally {
    rmSync(draft, { force: true });
  }
}

function prepare(db: DatabaseSync) {
  return {
    begin: db.prepare("BEGIN IMMEDIATE"),
    commit: db.prepare("COMMIT"),
    read: db.prepare("SELECT version, sealed FROM record WHERE name = ?"),
    // Every byte of UTF-8 after the prefix is less than 0xff. LIKE and GLOB would need escaping.
    list: db.prepare("SELECT name FROM record WHERE name >= ? AND name < ? || x'ff'"),
    update: db.prepare("UPDATE record SET version = version + 1, sealed = ? WHERE name = ? AND version = ?"),
    insert: db.prepare(
      "INSERT INTO record SELECT ?, 1 + coalesce((SELECT version FROM deleted WHERE name = ?), 0), ? " +
        "WHERE true ON CONFLICT DO NOTHING",
    ),
    remove: db.prepare("DELETE FROM record WHERE name = ? AND version = ?"),
    revive: db.prepare("DELETE FROM deleted WHERE name = ?"),
    bury: db.prepare("INSERT INTO deleted (name, version) VALUES (?, ?)"),
    prune: db.prepare("DELETE FROM deleted WHERE nth <= ? - ?"),
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
  const what = found.get(codeOf(cause) ?? "") ?? messageOf(cause);
  return new InputError("store", `expected a store at ${path}, found ${what}`, { cause, code: "unreadable" });
}

const messageOf = (cause: unknown) => cause instanceof Error ? cause.message : String(cause);
