import assert from "node:assert/strict";
import { Decrypter, Encrypter } from "age-encryption";
import { decode, encode } from "cborg";
import { InputError, StoreError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { faultyStore } from "./fault_store.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const text = (content: string) => new TextEncoder().encode(content);
const secretsOf = async () => (await newIdentity(random)).secrets();

/** Puts other bytes in place of a row. */
async function replace(store: ReturnType<typeof memoryStore>, name: string, sealed: Uint8Array) {
  assert(await store.swap(name, (await store.get(name))?.version ?? null, sealed));
}

Deno.test("sealedRecords() gives back what was put in, and the store holds none of it", async () => {
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), random);
  assert.equal(await rows.get("a"), null);
  assert(await rows.swap("a", null, text("a ban on Mallory")));
  assert(!await rows.swap("a", null, text("another")));
  assert.deepEqual(await rows.get("a"), { version: 1, plain: text("a ban on Mallory") });
  const row = (await store.get("a"))!.sealed;
  assert.equal(row.length, 40 + 16);
  assert(!new TextDecoder().decode(row).includes("Mallory"));
  assert(await rows.swap("a", 1, new Uint8Array()));
  assert.deepEqual(await rows.get("a"), { version: 2, plain: new Uint8Array() });
  assert.deepEqual(await rows.names(""), ["a"]);
  assert(await rows.swap("a", 2, null));
  assert.equal(await rows.get("a"), null);
});

Deno.test("sealedRecords() draws a nonce of 24 bytes for each write", async () => {
  const drawn: number[] = [];
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), (length) => {
    drawn.push(length);
    return random(length);
  });
  assert(await rows.swap("a", null, text("same")));
  const first = (await store.get("a"))!.sealed;
  assert(await rows.swap("a", 1, text("same")));
  assert.notDeepEqual((await store.get("a"))!.sealed.subarray(0, 24), first.subarray(0, 24));
  assert.deepEqual(drawn, [24, 24]);
});

Deno.test("sealedRecords() throws StoreError naming the row if any of its bytes is another", async () => {
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), random);
  assert(await rows.swap("wallet/a", null, text("a row of some length, with a nonce and a tag")));
  const whole = (await store.get("wallet/a"))!.sealed;
  for (const at of whole.keys()) {
    for (const flip of [1, 0x80, 0xff]) {
      const damaged = whole.slice();
      damaged[at]! ^= flip;
      await replace(store, "wallet/a", damaged);
      await assert.rejects(rows.get("wallet/a"), new StoreError('Cannot open "wallet/a": it does not open'));
    }
  }
  for (const length of whole.keys()) {
    await replace(store, "wallet/a", whole.subarray(0, length));
    await assert.rejects(rows.get("wallet/a"), StoreError);
  }
});

Deno.test("sealedRecords() throws StoreError if rows have changed places, or the key is another", async () => {
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), random);
  assert(await rows.swap("a", null, text("one")));
  assert(await rows.swap("b", null, text("two")));
  const [a, b] = [(await store.get("a"))!.sealed, (await store.get("b"))!.sealed];
  await replace(store, "a", b);
  await replace(store, "b", a);
  await assert.rejects(rows.get("a"), /Cannot open "a"/);
  await assert.rejects(rows.get("b"), /Cannot open "b"/);
  await replace(store, "a", a);
  assert.deepEqual((await rows.get("a"))?.plain, text("one"));
  await assert.rejects(sealedRecords(store, random(32), random).get("a"), StoreError);
});

Deno.test("sealedRecords() passes the store's trouble on, and never as absent", async () => {
  const store = faultyStore(memoryStore(), [{ on: "get", then: "fail" }, { on: "swap", then: "fail" }]);
  const rows = sealedRecords(store, random(32), random);
  await assert.rejects(rows.get("a"), StoreError);
  await assert.rejects(rows.swap("a", null, text("one")), StoreError);
});

Deno.test("openDataKey() makes a key once and finds it again", async () => {
  const store = memoryStore();
  const secrets = await secretsOf();
  const key = await openDataKey(store, secrets, random);
  assert.equal(key.length, 32);
  assert.deepEqual(await openDataKey(store, secrets, random), key);
  assert.equal((await store.get("data-key"))?.version, 1);
});

Deno.test("openDataKey() gives everyone the same key if many ask at once", async () => {
  const store = memoryStore();
  const secrets = await secretsOf();
  const keys = await Promise.all(Array.from({ length: 8 }, () => openDataKey(store, secrets, random)));
  for (const key of keys) assert.deepEqual(key, keys[0]);
});

Deno.test("openDataKey() says whose store it is if the storage key is another", async () => {
  const store = memoryStore();
  await openDataKey(store, await secretsOf(), random);
  const before = await store.get("data-key");
  await assert.rejects(
    async () => await openDataKey(store, await secretsOf(), random),
    (error) =>
      error instanceof InputError &&
      /^identity: expected age1\w{58}, to which this store belongs, found age1\w{58}$/.test(error.message),
  );
  assert.deepEqual(await store.get("data-key"), before);
});

Deno.test("openDataKey() throws StoreError if any byte of its row is another, and never replaces it", async () => {
  const store = memoryStore();
  const secrets = await secretsOf();
  await openDataKey(store, secrets, random);
  const whole = (await store.get("data-key"))!.sealed;
  for (const at of whole.keys()) {
    const damaged = whole.slice();
    damaged[at]! ^= 1 << (at % 8);
    await replace(store, "data-key", damaged);
    await assert.rejects(
      openDataKey(store, secrets, random),
      /^StoreError: Cannot open "data-key"/,
      `byte ${at}`,
    );
    assert.deepEqual((await store.get("data-key"))?.sealed, damaged);
  }
});

Deno.test("openDataKey() refuses a key that someone else has encrypted to this node", async () => {
  const [mine, theirs] = [await secretsOf(), await secretsOf()];
  const [store, foreign] = [memoryStore(), memoryStore()];
  await openDataKey(store, mine, random);
  await openDataKey(foreign, theirs, random);
  // They know the recipient, which is no secret; but the proof inside is made with their own storage key.
  const [tag, recipient] = decode((await store.get("data-key"))!.sealed);
  const [, , sealed] = decode((await foreign.get("data-key"))!.sealed);
  const decrypter = new Decrypter();
  decrypter.addIdentity(theirs.storageKey);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const forged = encode([tag, recipient, await encrypter.encrypt(await decrypter.decrypt(sealed))]);
  await replace(store, "data-key", forged);
  await assert.rejects(openDataKey(store, mine, random), /it was not written by its owner/);
});

Deno.test("openDataKey() makes no key if it cannot read or write", async () => {
  const secrets = await secretsOf();
  for (const on of ["get", "swap"] as const) {
    const inner = memoryStore();
    await assert.rejects(
      openDataKey(faultyStore(inner, [{ on, then: "fail" }]), secrets, random),
      StoreError,
    );
    assert.deepEqual(await inner.names(""), []);
  }
});

Deno.test("sealedRecords() erases a row that does not open, and takes an absent one for erased", async () => {
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), random);
  await rows.swap("pair", null, text("secret"));
  await replace(store, "pair", new Uint8Array(60));
  await assert.rejects(rows.get("pair"), StoreError);
  await rows.erase("pair");
  assert.equal(await store.get("pair"), null);
  await rows.erase("pair");
});
