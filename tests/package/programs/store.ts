/**
 * A store whose disk is full, one that another connection keeps, and one that closes, with nothing but the installed package:
 * what the oldest Node has of SQLite is enough for them. A program of its own, copied into an empty folder.
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "@quorate/quorate/server";

const folder = await mkdtemp(join(tmpdir(), "quorate-packed-"));
const path = join(folder, "shares.db");
const { exec } = DatabaseSync.prototype;
let db: DatabaseSync | undefined;
DatabaseSync.prototype.exec = function (sql) {
  db = this;
  exec.call(this, sql);
};
const store = sqliteStore(path);
DatabaseSync.prototype.exec = exec;

assert.ok(await store.swap("row", null, Uint8Array.of(1)));
db!.exec("PRAGMA max_page_count = 20");
await assert.rejects(store.swap("row", 1, new Uint8Array(200_000)), /Cannot write "row": .*full/);
assert.ok(await store.swap("row", 1, Uint8Array.of(2)), "a failed write is undone, and the next one is done");

const other = new DatabaseSync(path);
other.exec("BEGIN IMMEDIATE");
const began = performance.now();
await assert.rejects(store.swap("row", 2, Uint8Array.of(3)), /database is locked/);
assert.ok(performance.now() - began > 1_000, "it waits for whoever writes");
other.exec("ROLLBACK");
assert.ok(await store.swap("row", 2, Uint8Array.of(3)));
assert.deepEqual(await store.get("row"), { version: 3, sealed: Uint8Array.of(3) });

assert.ok((await stat(`${path}-wal`)).size > 0);
await store.close();
await store.close();
assert.equal((await stat(`${path}-wal`)).size, 0, "the log is empty, though another connection is open");
await assert.rejects(store.get("row"), /Cannot read "row"/);
other.close();
await rm(folder, { recursive: true });
console.log(process.version);
