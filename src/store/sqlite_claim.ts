/**
 * The claim on a SQLite store: one process at a time runs a node on it, or changes rows that a node keeps in
 * memory.
 *
 * It is an exclusive transaction on an empty database beside the store. The system ends it with the process,
 * even after a crash. The store itself stays readable, for a backup of a running node.
 * @module
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { InputError } from "../errors.ts";

/** A store is in use by another process. */
export class StoreInUseError extends InputError {
  /** The path of the store. */
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super("store", `expected a stopped node's, found ${path} in use by another process`, {
      ...options,
      code: "in-use",
    });
    this.path = path;
  }
}

/**
 * Claims the store at `path` until the result is disposed of, or this process ends.
 *
 * @throws {StoreInUseError} If it is claimed already.
 * @throws {Error} If `path-lock` cannot be made or locked.
 */
export function claimed(path: string): Disposable {
  const lock = `${path}-lock`;
  // An existing file is not opened here: closing it would drop all locks that this process has on it (POSIX).
  if (!existsSync(lock)) closeSync(openSync(lock, "a", 0o600));
  const db = new DatabaseSync(lock, { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db.close();
    if (!isBusy(cause)) throw cause;
    throw new StoreInUseError(path, { cause });
  }
  return { [Symbol.dispose]: () => db.close() };
}

/**
 * Whether an error is SQLITE_BUSY. Deno's errors carry no number, only this fixed text
 * (sqlite.org/c3ref/errcode.html).
 */
const isBusy = (cause: unknown) => cause instanceof Error && cause.message === "database is locked";
