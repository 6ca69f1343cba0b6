import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { InputError, StoreError } from "../../src/errors.ts";
import type { Store } from "../../src/ports.ts";
import { remembered } from "../../src/store/rules.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { storeConformance } from "./conformance.ts";

async function directory(prefix = "quorate-store-") {
  const path = await Deno.makeTempDir({ prefix });
  return {
    path,
    file: `${path}/shares.db`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

storeConformance("sqliteStore()", {
  durable: true,
  place: async () => {
    const here = await directory();
    return {
      open: () => Promise.resolve(sqliteStore(here.file)),
      [Symbol.asyncDispose]: here[Symbol.asyncDispose],
    };
  },
});

/** The message with which `path` does not open. */
function refusal(path: string): string {
  try {
    sqliteStore(path);
  } catch (error) {
    assert(error instanceof InputError && error.field === "store", String(error));
    return error.message.replaceAll(path, "PATH");
  }
  return assert.fail("it opened");
}

Deno.test("sqliteStore() makes its files readable by their owner only", async () => {
  await using here = await directory();
  const store = sqliteStore(here.file);
  assert(await store.swap("a", null, Uint8Array.of(1)));
  const modes = () =>
    [...Deno.readDirSync(here.path)].map(({ name }) => Deno.statSync(`${here.path}/${name}`).mode);
  assert.equal(modes().length, 3);
  for (const mode of modes()) assert.equal(mode! & 0o777, 0o600);
  await store.close();
  Deno.chmodSync(here.file, 0o644);
  await sqliteStore(here.file).close();
  for (const mode of modes()) assert.equal(mode! & 0o777, 0o600, "also when it had another mode");
});

Deno.test("sqliteStore() syncs each commit to the disk: WAL and synchronous=FULL", async () => {
  await using here = await directory();
  const { exec } = DatabaseSync.prototype;
  const said: string[] = [];
  DatabaseSync.prototype.exec = function (sql) {
    exec.call(this, sql);
    if (sql.includes("journal_mode")) {
      said.push(
        JSON.stringify([this.prepare("PRAGMA journal_mode").get(), this.prepare("PRAGMA synchronous").get()]),
      );
    }
  };
  try {
    await sqliteStore(here.file).close();
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
  assert.deepEqual(said, ['[{"journal_mode":"wal"},{"synchronous":2}]']);
});

/** Which of the store's files have these bytes somewhere. */
function filesWith(folder: string, bytes: Uint8Array): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    Deno.readFileSync(`${folder}/${name}`).toHex().includes(bytes.toHex())
  );
}

/** Bytes that are nowhere else. */
const marked = (length: number) => ({
  mark: crypto.getRandomValues(new Uint8Array(16)),
  get sealed() {
    return Uint8Array.from({ length }, (_, i) => this.mark[i % 16]!);
  },
});

Deno.test("sqliteStore() leaves nothing in its files of a row that was deleted or replaced", async () => {
  for (const length of [64, 500, 12_700, 60_000]) {
    await using here = await directory();
    const [deleted, replaced, kept] = [marked(length), marked(length), marked(length)];
    const store = sqliteStore(here.file);
    for (let i = 0; i < 20; i++) await store.swap(`other ${i}`, null, new Uint8Array(300).fill(i));
    assert(await store.swap("deleted", null, deleted.sealed));
    assert(await store.swap("replaced", null, replaced.sealed));
    assert(await store.swap("kept", null, kept.sealed));
    await store.close();
    assert.deepEqual(filesWith(here.path, deleted.mark), ["shares.db"], "it was there");
    const again = sqliteStore(here.file);
    assert(await again.swap("deleted", 1, null));
    assert(await again.swap("replaced", 1, Uint8Array.of(1)));
    // Another process that has the store open: closing is not enough to empty the log then.
    const other = new DatabaseSync(here.file);
    other.prepare("SELECT count(*) FROM record").get();
    await again.close();
    assert.deepEqual(filesWith(here.path, deleted.mark), [], `deleted, ${length} bytes`);
    assert.deepEqual(filesWith(here.path, replaced.mark), [], `replaced, ${length} bytes`);
    assert.deepEqual(filesWith(here.path, kept.mark), ["shares.db"], "kept");
    other.close();
  }
});

Deno.test("sqliteStore() leaves nothing of an erased row in its log once that has begun anew, while it is open", async () => {
  await using here = await directory();
  const store = sqliteStore(here.file);
  const page = new Uint8Array(4_000);
  const erased = marked(12_700);
  for (let i = 0; i < 150; i++) await store.swap(`before ${i}`, null, page);
  assert(await store.swap("erased", null, erased.sealed));
  assert(await store.swap("erased", 1, null));
  assert.deepEqual(filesWith(here.path, erased.mark), ["shares.db-wal"], "it is in the log at first");
  const log = () => Deno.statSync(`${here.file}-wal`).size;
  for (let i = 0, before = 0; log() >= before; i++) { // until it is shorter
    assert.ok(i < 1_000, "the log never began anew");
    before = log();
    await store.swap(`after ${i}`, null, page);
  }
  assert.deepEqual(filesWith(here.path, erased.mark), []);
  await store.close();
});

Deno.test("sqliteStore() says in one sentence why a path is no store", async () => {
  await using here = await directory();
  const at = "store: expected a store at PATH, found";
  assert.equal(refusal(`${here.path}/none/shares.db`), `${at} no directory for it`);
  assert.equal(refusal(here.path), `${at} a directory`);
  Deno.writeTextFileSync(`${here.path}/text`, "This is no database. ".repeat(500));
  assert.equal(refusal(`${here.path}/text`), `${at} file is not a database`);
  assert.equal(
    refusal(`${here.path}/text/shares.db`),
    `${at} a file in its path where a directory should be`,
  );
  assert.equal(Deno.readTextFileSync(`${here.path}/text`), "This is no database. ".repeat(500), "untouched");
});

Deno.test("sqliteStore() takes no name for anything but a file", async () => {
  await using here = await directory();
  const before = Deno.cwd();
  Deno.chdir(here.path);
  try {
    await sqliteStore(":memory:").close();
    assert(Deno.statSync(`${here.path}/:memory:`).isFile);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("sqliteStore() refuses a store of another version, and leaves it as it is", async () => {
  await using here = await directory();
  await sqliteStore(here.file).close();
  for (const version of [0, 2, 77, -1]) {
    const db = new DatabaseSync(here.file);
    db.exec(`PRAGMA user_version = ${version}`);
    db.close();
    const before = Deno.readFileSync(here.file);
    assert.equal(refusal(here.file), `store: expected version 1, found ${version}`);
    assert.deepEqual(Deno.readFileSync(here.file), before);
  }
});

Deno.test("sqliteStore() refuses another program's database, and leaves it as it is", async () => {
  await using here = await directory();
  for (const version of [0, 1]) {
    const db = new DatabaseSync(here.file);
    db.exec(`CREATE TABLE IF NOT EXISTS other (id); PRAGMA user_version = ${version}`);
    db.close();
    assert.match(
      refusal(here.file),
      version === 0 ? /expected version 1, found 0/ : /found no such table: record/,
    );
  }
});

Deno.test("sqliteStore() refuses a truncated or overwritten file", async () => {
  await using here = await directory();
  const store = sqliteStore(here.file);
  for (let i = 0; i < 300; i++) await store.swap(`record/${i}`, null, new Uint8Array(100).fill(i));
  await store.close();
  const whole = Deno.readFileSync(here.file);
  for (const length of [0, 1, 99, 512, 4096, 8192, whole.length - 4096]) {
    Deno.writeFileSync(here.file, whole.subarray(0, length));
    assert.match(refusal(here.file), /expected a store at PATH, found/, `${length} bytes`);
  }
  for (const at of [1, 2, 3, 4].map((page) => page * 4096)) {
    const overwritten = whole.slice();
    overwritten.fill(0, at, at + 4096);
    Deno.writeFileSync(here.file, overwritten);
    refusal(here.file);
  }
});

Deno.test("sqliteStore() never says absent of a record because a bit of its file has flipped", async () => {
  await using here = await directory();
  const names = ["wallet/savings", "wallet/spending", "id/1", "id/2"];
  const store = sqliteStore(here.file);
  for (const name of names) await store.swap(name, null, new Uint8Array(20).fill(5));
  await store.close();
  const whole = Deno.readFileSync(here.file);
  const positions = [...whole.keys()].filter((at) => at >= 100 && whole[at] !== 0);
  let refused = 0;
  for (const at of positions) {
    const damaged = whole.slice();
    damaged[at]! ^= 1 << (at % 8);
    Deno.writeFileSync(here.file, damaged);
    let opened;
    try {
      opened = sqliteStore(here.file);
    } catch (error) {
      assert(error instanceof InputError);
      refused++;
      continue;
    }
    for (const name of names) {
      const found = await opened.get(name).catch((error) => assert(error instanceof StoreError));
      assert.notEqual(found, null, `${name} with byte ${at}`);
    }
    await opened.close();
  }
  assert(refused > 50, `${refused} of ${positions.length}`);
});

Deno.test("sqliteStore() remembers the last 10,000 deleted names", async () => {
  await using here = await directory();
  const store = sqliteStore(here.file);
  const db = new DatabaseSync(here.file);
  db.exec("BEGIN");
  const bury = db.prepare("INSERT INTO deleted (name, version) VALUES (?, 7)");
  for (let i = 0; i < remembered; i++) bury.run(`deleted/${i}`);
  db.exec("COMMIT");
  assert(await store.swap("a", null, Uint8Array.of(1)));
  assert(await store.swap("a", 1, null));
  assert.deepEqual({ ...db.prepare("SELECT count(*) AS count FROM deleted").get() }, { count: remembered });
  db.close();
  for (const [name, version] of [["deleted/0", 1], ["deleted/1", 8], ["a", 2]] as const) {
    assert(await store.swap(name, null, Uint8Array.of(1)));
    assert.equal((await store.get(name))?.version, version, name);
  }
  await store.close();
});

/** A store, and the database that is inside it. */
function storeAndDatabase(path: string): { store: Store; db: DatabaseSync } {
  const { exec } = DatabaseSync.prototype;
  let db: DatabaseSync | undefined;
  DatabaseSync.prototype.exec = function (sql) {
    db = this;
    exec.call(this, sql);
  };
  try {
    const store = sqliteStore(path);
    return { store, db: db! };
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
}

Deno.test("sqliteStore() gives the error of a write that SQLite has undone itself", async () => {
  await using here = await directory();
  const { store, db } = storeAndDatabase(here.file);
  db.exec("PRAGMA max_page_count = 20");
  db.exec = (sql) => {
    DatabaseSync.prototype.exec.call(db, sql);
    if (sql === "ROLLBACK") DatabaseSync.prototype.exec.call(db, sql); // no transaction is left to undo
  };
  await assert.rejects(store.swap("large", null, new Uint8Array(200_000)), /Cannot write "large": .*full/);
  assert(await store.swap("small", null, Uint8Array.of(1)));
  await store.close();
});

Deno.test("sqliteStore() throws StoreError when the file may not grow, writes nothing then, and goes on", async () => {
  await using here = await directory();
  const { store, db } = storeAndDatabase(here.file);
  assert(await store.swap("small", null, Uint8Array.of(1)));
  db.exec("PRAGMA max_page_count = 20");
  await assert.rejects(store.swap("large", null, new Uint8Array(200_000)), /Cannot write "large": .*full/);
  await assert.rejects(store.swap("small", 1, new Uint8Array(200_000)), StoreError);
  assert.equal(await store.get("large"), null);
  assert.deepEqual(await store.get("small"), { version: 1, sealed: Uint8Array.of(1) });
  assert.equal(await store.swap("small", 1, Uint8Array.of(2)).catch(String), true);
  await store.close();
});

const mount = (...args: string[]) => new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
const unmount = (path: string) => new Deno.Command("umount", { args: [path] }).outputSync().success;
const mayMount = (() => {
  const path = Deno.makeTempDirSync();
  const may = Deno.build.os === "linux" && Deno.uid() === 0 && mount("-t", "tmpfs", "none", path);
  if (may) unmount(path);
  Deno.removeSync(path);
  return may;
})();

// Where nobody may mount, the test above has to do.
if (mayMount) {
  Deno.test({
    name:
      "sqliteStore() throws StoreError when the disk is full, keeps what it has, and goes on when there is room",
    async fn() {
      await using here = await directory();
      assert(mount("-t", "tmpfs", "-o", "size=512k", "none", here.path));
      try {
        Deno.writeFileSync(`${here.path}/ballast`, new Uint8Array(100_000));
        const store = sqliteStore(here.file);
        let written = 0;
        const fill = async () => {
          for (;; written++) {
            assert(await store.swap(`r/${written}`, null, new Uint8Array(10_000).fill(written)));
          }
        };
        await assert.rejects(fill(), StoreError);
        assert(written > 5, `${written}`);
        assert.equal(await store.get(`r/${written}`), null);
        for (let i = 0; i < written; i++) {
          assert.deepEqual(await store.get(`r/${i}`), { version: 1, sealed: new Uint8Array(10_000).fill(i) });
        }
        Deno.removeSync(`${here.path}/ballast`);
        assert(await store.swap(`r/${written}`, null, new Uint8Array(10_000)));
        await store.close();
        const again = sqliteStore(here.file);
        assert.equal((await again.names("r/")).length, written + 1);
        await again.close();
      } finally {
        assert(unmount(here.path));
      }
    },
  });
}

Deno.test("sqliteStore() throws StoreError when another process keeps the lock", async () => {
  await using here = await directory();
  const store = sqliteStore(here.file);
  assert(await store.swap("a", null, Uint8Array.of(1)));
  const other = new DatabaseSync(here.file);
  other.exec("BEGIN IMMEDIATE");
  const began = performance.now();
  await assert.rejects(store.swap("a", 1, Uint8Array.of(2)), /Cannot write "a": database is locked/);
  assert.ok(performance.now() - began > 1_000, "it has waited for the lock");
  assert.deepEqual(await store.get("a"), { version: 1, sealed: Uint8Array.of(1) });
  other.exec("ROLLBACK");
  other.close();
  assert(await store.swap("a", 1, Uint8Array.of(2)));
  await store.close();
});

function swapLoop(path: string, count: number): Deno.ChildProcess {
  const script = fileURLToPath(new URL("./swap_loop.ts", import.meta.url));
  const args = ["run", "--no-check", "-A", script, path, `${count}`];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
}

Deno.test("sqliteStore() loses no increment of two processes on the same file", async () => {
  await using here = await directory();
  const children = [swapLoop(here.file, 150), swapLoop(here.file, 150)];
  const outputs = await Promise.all(children.map((child) => child.output()));
  const versions = outputs.flatMap((out) =>
    new TextDecoder().decode(out.stdout).trim().split("\n").map(Number)
  );
  assert.deepEqual(versions.sort((a, b) => a - b), Array.from({ length: 300 }, (_, i) => i + 1));
  const store = sqliteStore(here.file);
  assert.equal((await store.get("loop"))?.version, 300);
  await store.close();
});

Deno.test("sqliteStore() loses nothing that was acknowledged when its process is killed", async () => {
  await using here = await directory();
  let acknowledged = 0;
  for (let kill = 0; kill < 20; kill++) {
    const child = swapLoop(here.file, Infinity);
    const until = acknowledged + 1 + kill * 7;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      // What is written before it dies is an acknowledgement too; a line cut short is not.
      acknowledged = Math.max(acknowledged, ...text.split("\n").slice(0, -1).map(Number));
      if (acknowledged >= until) {
        try {
          child.kill("SIGKILL");
        } catch { /* it is dead, and its output is still being read */ }
      }
    }
    await child.status;
    const store = sqliteStore(here.file);
    const found = await store.get("loop");
    assert(found !== null);
    assert(
      [acknowledged, acknowledged + 1].includes(found.version),
      `${found.version} after ${acknowledged}`,
    );
    assert.equal(new TextDecoder().decode(found.sealed), `${found.version}`);
    await store.close();
  }
});
