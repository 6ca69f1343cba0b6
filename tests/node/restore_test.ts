import "../sim/one_thread.ts";
import assert from "node:assert/strict";
import fc from "fast-check";
import { backupState } from "../../src/node/backups.ts";
import { InputError, StoreError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import type { Store } from "../../src/ports.ts";
import { openBackup, type Restored } from "../../src/node/restore.ts";
import { readRow, rowName, rowWithout, writeRow } from "../../src/keystore/key_rows.ts";
import { memoryStore } from "../../src/store/memory.ts";
import type { Backup } from "../../src/keystore/backup/backup.ts";
import { asFile, BackedUp, keyRow, passphrase, random, rowsIn, withRows } from "./backed_up.ts";
import { faultyStore } from "../store/fault_store.ts";

/** A place for an identity that counts how often it is written. */
function place() {
  const there = {
    written: 0,
    keep: () => Promise.resolve(() => Promise.resolve(void there.written++)),
  };
  return there;
}

async function restored(file: Uint8Array, store: Store, { keep } = place()): Promise<Restored> {
  return await (await openBackup(file, passphrase)).restore({ store, random, keep });
}

const statesOf = ({ keys }: Restored) => keys.map(({ wallet, state }) => [wallet, state]);

/** Every row of a store, sealed. */
async function dump(store: Store): Promise<Record<string, string>> {
  const rows: Record<string, string> = {};
  for (const name of await store.names("")) rows[name] = (await store.get(name))!.sealed.toHex();
  return rows;
}

Deno.test("A peer that lost its disk and its identity signs again with its backup, and nothing of sessions is in it", async () => {
  await using here = await BackedUp.start();
  const { scene } = here;
  assert.ok((await scene.sign(["alice", "bob", "carol"])).value);
  const node = scene.node("bob");
  assert.deepEqual(await node.backupState(), {
    at: null,
    covered: [],
    uncovered: [{ wallet: "treasury", scheme: "ed25519" }],
  });
  const file = await node.backup(passphrase);
  assert.equal((await node.backupState()).at, null, "what nobody has read back is no backup");
  await node.confirmBackup(file, passphrase);
  const { at, covered, uncovered } = await node.backupState();
  assert.deepEqual([at, covered.length, uncovered.length], [scene.clock.now(), 1, 0]);
  await scene.generate("savings", 3);
  const later = await node.backupState();
  assert.deepEqual(later.uncovered, [{ wallet: "savings", scheme: "ed25519" }], "a key was made since");

  const disk = memoryStore();
  const there = place();
  const back = await restored(file, disk, there);
  assert.equal(there.written, 1);
  assert.equal(back.identity.peer, node.self);
  assert.deepEqual(back.identity.secrets(), here.bob.secrets());
  assert.deepEqual(statesOf(back), [["treasury", "restored"]]);
  assert.deepEqual(back.roster, node.roster);
  const names = await disk.names("");
  assert.deepEqual(names.filter((name) => !/^(key\/|data-key$|restored$|backup\/state$)/.test(name)), []);
  await here.reboot(disk);
  assert.ok((await scene.sign(["alice", "bob", "carol"])).value);
  assert.deepEqual((await scene.node("bob").backupState()).uncovered, []);
});

Deno.test("restore() brings back what was not active as lost, and the certificate makes it active", async () => {
  await using here = await BackedUp.start();
  const { scene, bob } = here;
  const row = await keyRow(await here.rows());
  await writeRow(await here.rows(), null, rowWithout("no", new Uint8Array(32), 0));
  const content = await here.content();
  assert.deepEqual([...content.rows.keys()], [rowName(row.session)], "a no is in no backup");
  const votes = row.votes.map((vote, i) => row.key!.members[i] === bob.peer ? vote : new Uint8Array());
  const file = await asFile(await withRows(content, { ...row, state: "pending", votes }));
  const disk = memoryStore();
  assert.deepEqual(statesOf(await restored(file, disk)), [["treasury", "pending"]]);
  const lost = await keyRow(await rowsIn(disk, bob));
  assert.equal(lost.state, "lost");
  assert.ok(lost.share.length > 0);
  await here.reboot(disk);
  await scene.clock.pass(5_000);
  assert.ok((await scene.sign(["alice", "bob", "carol"])).value);
});

Deno.test("restore() leaves no session in a store of which a no could still be said: it may have voted since", async () => {
  await using here = await BackedUp.start();
  const file = await asFile(await here.content());
  const disk = memoryStore();
  await restored(file, disk);
  const rows = await rowsIn(disk, here.bob);
  const row = await keyRow(rows);
  const sessions = (["opened", "released"] as const).map((state, i) => ({
    ...row,
    state,
    session: new Uint8Array(32).fill(i),
    share: new Uint8Array(),
  }));
  for (const one of sessions) await writeRow(rows, null, one);
  await restored(file, disk);
  for (const { session, state } of sessions) {
    assert.equal((await readRow(await rowsIn(disk, here.bob), rowName(session)))?.row.state, "lost", state);
  }
});

Deno.test("openBackup() opens no backup of which a byte is another, and nothing is restored", async () => {
  await using here = await BackedUp.start();
  const file = await asFile(await here.content());
  const store = memoryStore();
  const there = place();
  const at = fc.sample(fc.nat(file.length - 1), { numRuns: 100, seed: 7 });
  for (const byte of [...at, 0, 40, file.length - 1]) {
    await assert.rejects(restored(file.with(byte, file[byte]! ^ 1), store, there), (error) => {
      assert.ok(error instanceof InputError, `byte ${byte}: ${error}`);
      assert.match(error.field, /^(backup|passphrase)$/);
      assert.ok(
        !/SECRET-KEY-1[0-9A-Z]/.test(Deno.inspect(error)) && !Deno.inspect(error).includes(passphrase),
      );
      return true;
    });
  }
  for (const cut of [0, 30, file.length / 2 | 0, file.length - 1]) {
    await assert.rejects(restored(file.slice(0, cut), store, there), InputError);
  }
  assert.deepEqual([await dump(store), there.written], [{}, 0]);
});

Deno.test("openBackup() refuses the keys of another peer, and a roster that nobody signed", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  const other = await newIdentity(random);
  const wrong: Partial<Backup>[] = [
    { peer: other.peer },
    { secrets: other.secrets() },
    { cluster: other.peer },
    { roster: content.roster.replace('"version": 1', '"version": 2') },
    { rows: new Map([...content.rows, ["command/00", new Uint8Array(1)]]) },
    { rows: new Map([...content.rows, ["key/00", new Uint8Array(1)]]) },
  ];
  for (const change of wrong) {
    const file = await asFile({ ...content, ...change });
    await assert.rejects(openBackup(file, passphrase), (error) => {
      assert.ok(error instanceof InputError && error.field === "backup", String(error));
      return true;
    });
  }
  await assert.rejects(
    openBackup(await asFile(content), "another passphrase"),
    (error) => error instanceof InputError && error.field === "passphrase",
  );
});

Deno.test("restore() refuses another peer's store, and asks for no lock and writes nothing there", async () => {
  await using here = await BackedUp.start();
  const file = await asFile(await here.content());
  const store = memoryStore();
  const other = await newIdentity(random);
  await (await rowsIn(store, other)).swap("ban/x", null, Uint8Array.of(1));
  const before = await dump(store);
  let asked = false;
  const keep = () => {
    asked = true;
    return Promise.reject(new Error("not to be asked"));
  };
  await assert.rejects(
    restored(file, store, { ...place(), keep }),
    (error) => error instanceof InputError && error.field === "identity",
  );
  assert.deepEqual([await dump(store), asked], [before, false]);
});

Deno.test("restore() writes nothing when the identity cannot be kept", async () => {
  await using here = await BackedUp.start();
  const store = memoryStore();
  const refused = new InputError("passkey", "refused");
  const keep = () => Promise.reject(refused);
  await assert.rejects(restored(await asFile(await here.content()), store, { ...place(), keep }), refused);
  assert.deepEqual(await dump(store), {});
});

Deno.test("restore() leaves a later epoch in the store alone, and says which key is older", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  const row = await keyRow(await here.rows());
  const store = memoryStore();
  const rows = await rowsIn(store, here.bob);
  const parent = { session: row.session, vote: new Uint8Array(32) };
  const next = { ...await here.inEpoch(2, row), parent };
  assert.ok(await writeRow(rows, null, next));
  const back = await restored(await asFile(content), store);
  assert.deepEqual(back.keys.map(({ epoch, state }) => [epoch, state]), [[1, "older-than-store"]]);
  assert.deepEqual(await rows.names("key/"), [rowName(next.session)]);
  const twin = await here.inEpoch(1, row);
  const taken = await restored(
    await asFile(await withRows(content, twin)),
    await copied(await here.content()),
  );
  assert.deepEqual(taken.keys.map(({ state }) => state).sort(), ["name-taken", "restored"]);

  /** A store that has what the backup has. */
  async function copied(backup: Backup): Promise<Store> {
    const store = memoryStore();
    await restored(await asFile(backup), store);
    return store;
  }
});

Deno.test("restore() takes no ban and no freeze away, and adds those of the backup", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  const [mine, theirs] = [Uint8Array.of(1), Uint8Array.of(2)];
  const rows = new Map([...content.rows, ["ban/both", mine], ["ban/backup", mine], ["frozen/backup", mine]]);
  const store = memoryStore();
  const there = await rowsIn(store, here.bob);
  await there.swap("ban/both", null, theirs);
  await there.swap("ban/store", null, theirs);
  await there.swap("frozen/store", null, theirs);
  await restored(await asFile({ ...content, rows }), store);
  const found = new Map<string, Uint8Array>();
  for (const prefix of ["ban/", "frozen/"]) {
    for (const name of await there.names(prefix)) found.set(name, (await there.get(name))!.plain);
  }
  assert.deepEqual(Object.fromEntries(found), {
    "ban/both": theirs,
    "ban/store": theirs,
    "ban/backup": mine,
    "frozen/store": theirs,
    "frozen/backup": mine,
  });
});

Deno.test("restore() brings back what each pair keeps, but not of a pair that is banned, and signs on secp256k1", async () => {
  await using here = await BackedUp.start({ scheme: "ecdsa" });
  const { scene } = here;
  const content = await here.content();
  const { session } = await keyRow(await here.rows());
  const [alice, carol] = ["alice", "carol"].map((name) => `${session.toHex()}/${scene.peer(name)}`);
  const file = await asFile(content);
  const disk = memoryStore();
  const pairs = [`pair/${alice}`, `pair/${carol}`].sort();
  assert.deepEqual(statesOf(await restored(file, disk)), [["treasury", "restored"]]);
  assert.deepEqual(await disk.names("pair/"), pairs);

  const rows = await rowsIn(disk, here.bob);
  const whole = (await rows.get(`pair/${alice}`))!;
  await rows.swap(`pair/${alice}`, whole.version, whole.plain.with(-1 + whole.plain.length, 0));
  await restored(file, disk);
  assert.deepEqual((await rows.get(`pair/${alice}`))!.plain, whole.plain, "what rotted is mended");

  const banned = memoryStore();
  await (await rowsIn(banned, here.bob)).swap(`ban/${carol}`, null, Uint8Array.of(1));
  assert.deepEqual(statesOf(await restored(file, banned)), [["treasury", "restored"]]);
  assert.deepEqual(await banned.names("pair/"), [`pair/${alice}`], "a ban in the store");

  const without = new Map([...content.rows].filter(([name]) => name !== `pair/${carol}`));
  const lacking = await restored(await asFile({ ...content, rows: without }), memoryStore());
  assert.deepEqual(statesOf(lacking), [["treasury", "corrupt"]], "it could not sign with carol");
  const rotten = new Map([...content.rows, [`pair/${carol}`, whole.plain]]);
  const mixed = await restored(await asFile({ ...content, rows: rotten }), memoryStore());
  assert.deepEqual(statesOf(mixed), [["treasury", "corrupt"]], "another pair's");
  const later = new Map([...without, [`ban/${carol}`, Uint8Array.of(1)]]);
  const store = memoryStore();
  assert.deepEqual(statesOf(await restored(await asFile({ ...content, rows: later }), store)), [
    ["treasury", "restored"],
  ]);
  assert.deepEqual(await store.names(""), [
    "backup/state",
    `ban/${carol}`,
    "data-key",
    `key/${session.toHex()}`,
    `pair/${alice}`,
    "restored",
  ]);

  await here.reboot(disk);
  assert.ok((await scene.sign(["alice", "bob", "carol"])).value);
});

Deno.test("backupState() no longer counts a key as covered when a ban has come since", async () => {
  await using here = await BackedUp.start();
  const store = memoryStore();
  await restored(await asFile(await here.content()), store);
  const rows = await rowsIn(store, here.bob);
  assert.equal((await backupState(rows)).covered.length, 1);
  const { session } = await keyRow(rows);
  await rows.swap(`ban/${session.toHex()}/x`, null, Uint8Array.of(1));
  assert.deepEqual((await backupState(rows)).uncovered, [{ wallet: "treasury", scheme: "ed25519" }]);
});

Deno.test("restore() says that a share is corrupt, and writes neither it nor that there is a backup of it", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  const row = await keyRow(await here.rows());
  const other = await here.inEpoch(1, row);
  const spoilt = [
    { ...row, share: other.share.with(-1 + other.share.length, 0) }, // rotten
    { ...other, session: row.session, votes: [...other.votes].reverse() }, // not what the members signed
    { ...row, votes: [] },
    { ...row, key: { ...row.key!, epoch: 9 } },
  ];
  for (const [i, wrong] of spoilt.entries()) {
    const store = memoryStore();
    const back = await restored(await asFile(await withRows(content, wrong)), store);
    assert.deepEqual(statesOf(back), [["treasury", "corrupt"]], String(i));
    assert.deepEqual(await store.names("key/"), []);
    assert.equal((await backupState(await rowsIn(store, here.bob))).at, null);
  }
});

Deno.test("restore() mends a damaged row and a rotten share, and leaves what is sound as it was", async () => {
  await using here = await BackedUp.start();
  const file = await asFile(await here.content());
  const row = await keyRow(await here.rows());
  const name = rowName(row.session);
  const store = memoryStore();
  await restored(file, store);
  const sound = (await store.get(name))!;
  await restored(file, store);
  assert.deepEqual(await store.get(name), sound, "nothing was written again");
  await store.swap(name, sound.version, sound.sealed.with(30, sound.sealed[30]! ^ 1));
  const rows = await rowsIn(store, here.bob);
  await assert.rejects(rows.get(name), StoreError);
  assert.deepEqual(statesOf(await restored(file, store)), [["treasury", "restored"]]);
  const { version } = (await rows.get(name))!;
  await writeRow(rows, version, { ...row, share: row.share.with(-1 + row.share.length, 0) });
  assert.deepEqual(statesOf(await restored(file, store)), [["treasury", "restored"]]);
  assert.deepEqual(await keyRow(rows), row);
});

Deno.test("restore() throws for a store that cannot be read: trouble is never taken for damage", async () => {
  await using here = await BackedUp.start();
  const file = await asFile(await here.content());
  const store = memoryStore();
  await restored(file, store);
  const all = async () => {
    const { restored: _mark, ...rest } = await dump(store);
    return rest;
  };
  const before = await all();
  for (const name of [/^data-key$/, /^roster$/, /^restored$/, /^key\//, /^backup\//]) {
    await assert.rejects(restored(file, faultyStore(store, [{ on: "get", name, then: "fail" }])), StoreError);
    assert.deepEqual(await all(), before, String(name));
  }
});

Deno.test("restore() that was cut off anywhere is finished by another, and the identity comes last", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  const row = await keyRow(await here.rows());
  const pair = `pair/${row.session.toHex()}/alice`;
  const extra = [["ban/x", Uint8Array.of(1)], ["frozen/x", Uint8Array.of(1)], [
    pair,
    Uint8Array.of(1),
  ]] as const;
  const file = await asFile({ ...content, rows: new Map([...content.rows, ...extra]) });
  const whole = memoryStore();
  await restored(file, whole);
  const writes = (await whole.names("")).length;
  assert.equal(writes, 6);
  for (let nth = 1; nth <= writes; nth++) {
    for (const then of ["crash-before", "crash-after"] as const) {
      const store = memoryStore();
      const there = place();
      await assert.rejects(
        restored(file, faultyStore(store, [{ on: "swap", nth, then }]), there),
        StoreError,
      );
      assert.equal(there.written, 0);
      const half = await store.names("");
      if (half.some((name) => name.startsWith("key/"))) {
        assert.ok(half.includes("restored"), "with a share comes that it has to be compared");
        assert.ok(
          half.includes("ban/x") && half.includes("frozen/x"),
          "what forbids came before what it forbids",
        );
      }
      await restored(file, store, there);
      assert.equal(there.written, 1);
      assert.deepEqual(await store.names(""), await whole.names(""), `${nth} ${then}`);
      assert.deepEqual(await keyRow(await rowsIn(store, here.bob)), row);
    }
  }
});
