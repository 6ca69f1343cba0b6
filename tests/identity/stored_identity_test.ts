import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { Decrypter } from "age-encryption";
import { InputError, StoreError } from "../../src/errors.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { storedIdentity } from "../../src/identity/stored_identity.ts";
import { readKeyText } from "../../src/identity/key_text.ts";
import type { Store } from "../../src/ports.ts";
import { indexedDbStore } from "../../src/store/indexeddb.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { softPasskeys } from "./soft_passkeys.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const passphrase = "correct horse battery";
const byPassphrase = { lock: { passphrase }, name: "Ada's laptop" };
const byPasskey = { lock: { passkey: { name: "quorate: Ada" } }, name: "Ada's laptop" };

/** The place of one identity, in a store that outlives it. A work factor for tests: 2¹⁰. */
function place(store: Store = memoryStore()) {
  const passkeys = softPasskeys();
  const stays = { ...store, close: () => Promise.resolve() };
  const kept = storedIdentity({ open: () => Promise.resolve(stays), random, passkeys, workFactor: 10 });
  return { kept, store, passkeys };
}

/** What it is refused with. Nothing secret is in it, nor in what caused it. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (error) => error);
  assert.ok(error instanceof InputError || error instanceof StoreError, String(error));
  const said = Deno.inspect(error);
  assert.ok(!/(SECRET-KEY|PEER-KEY)-1[0-9A-Z]/.test(said), said);
  assert.ok(!said.includes(passphrase), said);
  return error instanceof InputError ? error.field : `StoreError ${error.message}`;
}

async function spoil(store: Store, change: (record: Uint8Array) => Uint8Array): Promise<void> {
  const { version, sealed } = (await store.get("identity"))!;
  await store.swap("identity", version, change(sealed));
}

for (const [how, opener] of [[byPassphrase, { passphrase }], [byPasskey, { passkey: true }]] as const) {
  const lock = "passphrase" in how.lock ? "passphrase" : "passkey";

  Deno.test(`storedIdentity() makes an identity that its ${lock} opens, and says who it is without`, async () => {
    const { kept, passkeys } = place();
    assert.equal(await kept.exists(), false);
    assert.equal(await kept.look(), null);
    const made = await kept.create(how);
    assert.deepEqual(await kept.look(), { peer: made.peer, name: "Ada's laptop", lock });
    const asked = passkeys.asked;
    assert.equal(await kept.exists(), true);
    assert.equal(passkeys.asked, asked, "looking asks nobody");
    const opened = await kept.unlock(opener);
    assert.deepEqual([opened.peer, opened.secrets()], [made.peer, made.secrets()]);
  });

  Deno.test(`storedIdentity() has no secret in the clear under a ${lock}, and finds damage in any byte`, async () => {
    const { kept, store } = place();
    const { peerSeed, storageKey } = (await kept.create(how)).secrets();
    const { sealed } = (await store.get("identity"))!;
    const text = new TextDecoder("latin1").decode(sealed);
    assert.ok(!text.includes(storageKey) && !text.includes(passphrase));
    assert.ok(!sealed.toHex().includes(peerSeed.toHex()));
    for (const at of sealed.keys()) {
      await spoil(store, () => sealed.with(at, sealed[at]! ^ 1));
      assert.match(
        await refusal(kept.unlock(opener)),
        /^StoreError .*Restore it from a backup/,
        `byte ${at}`,
      );
      assert.match(await refusal(kept.exists()), /^StoreError/, "damaged is not absent");
    }
  });
}

Deno.test("storedIdentity() keeps what stock age takes for a locked key file", async () => {
  const { kept, store } = place();
  const { peer } = await kept.create(byPassphrase);
  const { sealed } = (await store.get("identity"))!;
  const begins = new TextDecoder("latin1").decode(sealed).indexOf("age-encryption.org/v1");
  const length = (sealed[begins - 2]! << 8) + sealed[begins - 1]!; // CBOR, two bytes of length
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const text = await decrypter.decrypt(sealed.slice(begins, begins + length), "text");
  assert.equal((await readKeyText(text, "there")).peer, peer);
});

Deno.test("storedIdentity() refuses a wrong passphrase, and what is not its lock", async () => {
  const { kept } = place();
  assert.equal(await refusal(kept.unlock({ passphrase })), "identity");
  await kept.create(byPassphrase);
  assert.equal(await refusal(kept.unlock({ passphrase: "incorrect horse" })), "passphrase");
  assert.equal(await refusal(kept.unlock({ passphrase: "" })), "passphrase");
  assert.equal(await refusal(kept.unlock({ passkey: true })), "passphrase");
  const other = place();
  await other.kept.create(byPasskey);
  assert.equal(await refusal(other.kept.unlock({ passphrase })), "passkey");
});

Deno.test("storedIdentity() says that a passkey was refused, cannot encrypt, or cannot be had here, and keeps nothing", async () => {
  const failures: [Error, RegExp][] = [
    [new DOMException("The operation timed out", "NotAllowedError"), /refused/],
    [new Error("PRF extension not available (need macOS 15+, Chrome 132+)"), /PRF.*use a passphrase/],
    [new Error("Missing second PRF result"), /PRF.*use a passphrase/],
    [new TypeError("Cannot read properties of undefined (reading 'create')"), /https or localhost/],
    [new DOMException("The effective domain is not valid", "SecurityError"), /https or localhost/],
  ];
  for (const [cause, sentence] of failures) {
    const { kept, passkeys } = place();
    passkeys.fails = cause;
    await assert.rejects(kept.create(byPasskey), sentence);
    assert.equal(await refusal(kept.create(byPasskey)), "passkey");
    assert.equal(await kept.exists(), false);
    passkeys.fails = null;
    await kept.create(byPasskey);
    passkeys.fails = cause;
    assert.equal(await refusal(kept.unlock({ passkey: true })), "passkey");
    await assert.rejects(kept.unlock({ passkey: true }), sentence);
  }
});

Deno.test("storedIdentity() does not open with another passkey of the same name", async () => {
  const { kept, passkeys } = place();
  await kept.create(byPasskey);
  await passkeys.swap(byPasskey.lock.passkey.name);
  assert.match(await refusal(kept.unlock({ passkey: true })), /its passkey does not open it/);
});

Deno.test("storedIdentity() refuses short passphrases and names that are none, and keeps nothing", async () => {
  const { kept } = place();
  for (const short of ["", "1234567"]) {
    assert.equal(await refusal(kept.create({ ...byPassphrase, lock: { passphrase: short } })), "passphrase");
  }
  for (const name of ["", "a".repeat(65)]) {
    assert.equal(await refusal(kept.create({ ...byPassphrase, name })), "name");
  }
  assert.equal(await kept.exists(), false);
});

Deno.test("storedIdentity() makes one identity, also of two tabs at once, and never another in its place", async () => {
  const store = memoryStore();
  const both = await Promise.allSettled(
    [place(store).kept, place(store).kept].map((k) => k.create(byPassphrase)),
  );
  const [made, ...more] = both.flatMap((end) => end.status === "fulfilled" ? [end.value] : []);
  assert.equal(more.length, 0);
  const { kept } = place(store);
  assert.equal((await kept.look())!.peer, made!.peer);
  assert.equal(await refusal(kept.create(byPassphrase)), "identity");
  assert.equal(await refusal(kept.prepare(await newIdentity(random), byPassphrase)), "identity");
  assert.equal((await kept.unlock({ passphrase })).peer, made!.peer);
});

Deno.test("prepare() writes nothing before it is told to, and then gives the same identity another lock", async () => {
  const { kept } = place();
  const made = await kept.create(byPasskey);
  const write = await kept.prepare(made, byPassphrase);
  assert.equal((await kept.look())!.lock, "passkey");
  await write();
  assert.equal((await kept.look())!.lock, "passphrase");
  assert.deepEqual((await kept.unlock({ passphrase })).secrets(), made.secrets());
  assert.equal(await refusal(kept.unlock({ passkey: true })), "passphrase");
});

Deno.test("forget() forgets, and there can be another", async () => {
  const { kept, store } = place();
  const first = await kept.create(byPassphrase);
  await kept.forget();
  await kept.forget();
  assert.equal(await kept.exists(), false);
  assert.equal(await store.get("identity"), null);
  assert.notEqual((await kept.create(byPassphrase)).peer, first.peer);
});

Deno.test("storedIdentity() says what to do when the browser's storage is full, and keeps nothing", async () => {
  const name = `kept ${crypto.randomUUID()}`;
  const kept = storedIdentity({
    open: () => indexedDbStore(name),
    random,
    passkeys: softPasskeys(),
    workFactor: 10,
  });
  const { prototype } = IDBObjectStore;
  const put = prototype.put;
  prototype.put = () => {
    throw new DOMException("The quota is exceeded.", "QuotaExceededError");
  };
  try {
    assert.match(
      await refusal(kept.create(byPassphrase)),
      /^StoreError .*quota is exceeded: free disk space/,
    );
  } finally {
    prototype.put = put;
  }
  assert.equal(await kept.exists(), false);
  const { peer } = await kept.create(byPassphrase);
  assert.equal((await kept.unlock({ passphrase })).peer, peer);
});
