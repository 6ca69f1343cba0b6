/**
 * The claim on a SQLite store: one process at a time uses it as a node, or changes what a node keeps in memory.
 *
 * It is an exclusive transaction on an empty database beside the store, which the system ends with its process, however
 * that ends. The store itself stays readable, for a backup of a running node.
 * @module
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { InputError } from "../errors.ts";

/**
 * Claims the store at `path` until the result is disposed of, or this process ends.
 *
 * @throws {InputError} `store`, if it is claimed already.
 * @throws {Error} If `path-lock` cannot be made or locked.
 */
export function claimed(path: string): Disposable {
  const lock = `${path}-lock`;
  // Never opened when it is there: closing a file drops all locks that this process has on it (POSIX).
  if (!existsSync(lock)) closeSync(openSync(lock, "a", 0o600));
  const db = new DatabaseSync(lock, { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    if (!isBusy(cause)) throw cause;
    throw new InputError("store", `expected a stopped node's, found ${path} in use by another process`, {
      cause,
    });
  }
  return { [Symbol.dispose]: () => db.close() };
}

/** Deno's errors have no number of SQLite's: this is its fixed text for SQLITE_BUSY, sqlite.org/c3ref/errcode.html. */
const isBusy = (cause: unknown) => cause instanceof Error && cause.message === "database is locked";
