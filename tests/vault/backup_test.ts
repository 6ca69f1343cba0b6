import "../negative/one_thread.ts";
import assert from "node:assert/strict";
import { Encrypter } from "age-encryption";
import { confirmBackup, makeBackup } from "../../src/backups.ts";
import { record, text } from "../../src/crypto/codec.ts";
import { InputError, StoreError } from "../../src/failure.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { collectRows, readBackup, sealBackup } from "../../src/vault/backup.ts";
import { asFile, BackedUp, keyRow, passphrase, random, withRows } from "../backed_up.ts";
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
  assert.ok(shown.includes("quorate/1/backup"));
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
  await assert.rejects(readBackup(new Uint8Array(33 * 1024 * 1024), passphrase), field("backup"));
  const later = record("quorate/2/backup", { all: text(8) }).encode({ all: "new" });
  for (const plain of [later, new Uint8Array(), new Uint8Array(64)]) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(10);
    await assert.rejects(readBackup(await encrypter.encrypt(plain), passphrase), field("backup"));
  }
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
