import "../sim/one_thread.ts";
import assert from "node:assert/strict";
import { Encrypter } from "age-encryption";
import { confirmBackup, makeBackup } from "../../src/node/backups.ts";
import { equal, record, text } from "../../src/crypto/codec.ts";
import { InputError, StoreError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import type { Passphrases } from "../../src/ports.ts";
import { type Backup, collectRows, readBackup, sealBackup } from "../../src/keystore/backup/backup.ts";
import { bytesOf, streamOf } from "../../src/keystore/backup/byte_streams.ts";
import { passphrasesHere } from "../../src/keystore/passphrases.ts";
import { workerPassphrases } from "../../src/worker/passphrases.ts";
import { asFile, BackedUp, keyRow, passphrase, random, withRows } from "../node/backed_up.ts";
import { decryptByHand } from "../identity/age_by_hand.ts";

const field = (name: string) => (error: unknown) => {
  assert.ok(error instanceof InputError && error.field === name, String(error));
  assert.ok(!/SECRET-KEY-1[0-9A-Z]/.test(Deno.inspect(error)));
  return true;
};

Deno.test("readBackup() gives what sealBackup() was given", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  assert.deepEqual(await readBackup(await asFile(content), passphrase), content);
});

Deno.test("makeBackup() makes a file that the stock age tool opens with the passphrase, and only with it", async () => {
  await using here = await BackedUp.start();
  const { bob, scene } = here;
  const of = { identity: bob, rows: await here.rows(), clock: scene.clock, roster: scene.cluster.roster };
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, await makeBackup(of, passphrase));
  const plain = await decryptByHand(path, passphrase);
  const shown = new TextDecoder("latin1").decode(plain);
  assert.ok(shown.includes("quorate/3/backup"));
  assert.ok(shown.includes(bob.secrets().storageKey));
  assert.ok(shown.includes("treasury") && !shown.includes("command/"));
  await assert.rejects(decryptByHand(path, "another passphrase"), /age refused/);
  await Deno.remove(path);
});

Deno.test("collectRows() takes keys, pairs, bans and freezes, and nothing else that is in a store", async () => {
  await using here = await BackedUp.start();
  const rows = await here.rows();
  assert.ok((await here.scene.sign(["alice", "bob", "carol"])).value);
  const mine = ["ban/x", "frozen/x", "pair/x/y"];
  const others = ["nonce/x", "session/x", "command/x", "pairs", "key", "backup/x"];
  for (const name of [...mine, ...others]) assert.ok(await rows.swap(name, null, Uint8Array.of(1)));
  const names = [...(await collectRows(rows)).keys()];
  assert.deepEqual(names.filter((name) => !name.startsWith("key/")), mine);
  assert.equal(names.length, mine.length + 1);
});

Deno.test("collectRows() throws for a row that is damaged: a backup without it would pass for whole", async () => {
  await using here = await BackedUp.start();
  const rows = await here.rows();
  await rows.swap(`key/${"00".repeat(32)}`, null, Uint8Array.of(1));
  await assert.rejects(collectRows(rows), StoreError);
});

Deno.test("sealBackup() refuses a short passphrase", async () => {
  await using here = await BackedUp.start();
  const content = await here.content();
  for (const short of ["", "1234567"]) await assert.rejects(sealBackup(content, short), field("passphrase"));
});

Deno.test("readBackup() refuses what is no backup, or one of another version", async () => {
  await assert.rejects(readBackup(new Uint8Array(100), passphrase), field("backup"));
  const later = record("quorate/4/backup", { all: text(8) }).encode({ all: "new" });
  const long = Uint8Array.of(255, 255, 255, 255, 0);
  for (const plain of [framed(later), later, new Uint8Array(), new Uint8Array(64), long]) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(10);
    await assert.rejects(readBackup(await encrypter.encrypt(plain), passphrase), field("backup"));
  }
});

const framed = (record: Uint8Array) => Uint8Array.of(0, 0, 0, record.length, ...record);

Deno.test("readBackup() refuses one that is not whole: a row short, a row more, a row twice, or cut off", async () => {
  const file = await encrypted(await plainOf(3));
  assert.equal((await readBackup(file, passphrase)).rows.size, 3);
  const [head, ...rows] = await plainOf(3);
  const bad = [
    [head!, ...rows.slice(1)],
    [head!, ...rows, ...(await plainOf(4)).slice(-1)],
    [head!, rows[0]!, rows[0]!, rows[1]!],
    [head!, ...rows.slice(0, 2), rows[2]!.subarray(0, -1)],
    rows,
  ];
  for (const plain of bad) {
    await assert.rejects(readBackup(await encrypted(plain), passphrase), field("backup"));
  }
  for (const at of [file.length - 1, file.length - 300]) {
    await assert.rejects(readBackup(file.with(at, file[at]! ^ 1), passphrase), field("passphrase"));
  }
});

/** The records of a backup with so many rows: each with its length. */
async function plainOf(count: number): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const listening: Passphrases = {
    ...passphrasesHere,
    async seal(plain) {
      for await (const piece of plain) pieces.push(piece);
      return streamOf([]);
    },
  };
  await sealBackup(await madeUp(count, 10), passphrase, { passphrases: listening });
  return Array.from(
    { length: pieces.length / 2 },
    (_, i) => Uint8Array.of(...pieces[2 * i]!, ...pieces[2 * i + 1]!),
  );
}

async function encrypted(plain: readonly Uint8Array[]): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(10);
  return await encrypter.encrypt(await bytesOf(streamOf(plain)));
}

/** A backup with rows of a size, which nobody has signed. */
async function madeUp(count: number, size: number): Promise<Backup> {
  const identity = await newIdentity(random);
  const name = (i: number) => `pair/${i.toString(16).padStart(64, "0")}/x`;
  const rows = new Map(Array.from({ length: count }, (_, i) => [name(i), new Uint8Array(size).fill(i)]));
  const { peer } = identity;
  return { peer, secrets: identity.secrets(), cluster: peer, roster: "{}", created: 1, rows };
}

for (const [count, size] of [[1_300, 27_700], [100_001, 10]] as const) {
  Deno.test(`sealBackup() makes a backup of ${count} rows of ${size} bytes, and readBackup() reads it`, async () => {
    const content = await madeUp(count, size);
    for (const passphrases of [passphrasesHere, workerPassphrases()]) {
      const file = await sealBackup(content, passphrase, { passphrases, workFactor: 10 });
      const back = await readBackup(file, passphrase, passphrases).catch((error: Error) => error);
      assert.ok(!(back instanceof Error), String(back));
      const { rows, secrets } = back;
      assert.equal(rows.size, count);
      for (const [name, plain] of content.rows) assert.ok(equal(plain, rows.get(name)!), name);
      assert.deepEqual(secrets, content.secrets);
    }
  });
}

Deno.test("sealBackup() refuses a row that could not be read back, before there is a file", async () => {
  await assert.rejects(
    sealBackup(await madeUp(1, 2 * 1024 * 1024), passphrase, { workFactor: 10 }),
    TypeError,
  );
});

Deno.test("confirmBackup() believes in no backup of another peer, or with a share that is not sound", async () => {
  await using here = await BackedUp.start();
  const of = { identity: here.bob, rows: await here.rows(), clock: here.scene.clock };
  const content = await here.content();
  const other = await newIdentity(random);
  const stranger = await asFile({ ...content, peer: other.peer, secrets: other.secrets() });
  await assert.rejects(confirmBackup(of, stranger, passphrase), field("backup"));
  const row = await keyRow(of.rows);
  const rotten = await withRows(content, { ...row, share: row.share.with(-1 + row.share.length, 0) });
  await assert.rejects(confirmBackup(of, await asFile(rotten), passphrase), field("backup"));
  assert.equal(await of.rows.get("backup/state"), null);
  await confirmBackup(of, await asFile(content), passphrase);
  const noted = (await of.rows.get("backup/state"))!;
  await confirmBackup(
    of,
    await asFile({ ...content, created: content.created - 1, rows: new Map() }),
    passphrase,
  );
  assert.deepEqual(await of.rows.get("backup/state"), noted, "an older one changes nothing");
});
