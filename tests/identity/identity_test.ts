import assert from "node:assert/strict";
import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { InputError } from "../../src/errors.ts";
import { identityFrom, newIdentity } from "../../src/identity/identity.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

Deno.test("newIdentity() has a peer key that signs and a storage key that age opens files with", async () => {
  const identity = await newIdentity(random);
  const message = random(50);
  assert(await identity.verify(identity.peer, message, await identity.sign(message)));
  const { storageKey, peerSeed } = identity.secrets();
  assert.equal(peerSeed.length, 32);
  assert.match(storageKey, /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  const decrypter = new Decrypter();
  decrypter.addIdentity(storageKey);
  assert.deepEqual(await decrypter.decrypt(await encrypter.encrypt(message)), message);
});

Deno.test("newIdentity() is another one each time, and the same for the same randomness", async () => {
  const [a, b] = [await newIdentity(random), await newIdentity(random)];
  assert.notEqual(a.peer, b.peer);
  assert.notEqual(a.secrets().storageKey, b.secrets().storageKey);
  const seeded = () => {
    let next = 0;
    return (length: number) => new Uint8Array(length).map(() => next++);
  };
  const [c, d] = [await newIdentity(seeded()), await newIdentity(seeded())];
  assert.deepEqual(c.secrets(), d.secrets());
  assert.notDeepEqual(c.secrets().peerSeed, new Uint8Array(32).map((_, i) => i), "no byte is used twice");
});

Deno.test("identityFrom() is the same peer for the same secrets, and keeps its own copy of them", async () => {
  const secrets = (await newIdentity(random)).secrets();
  const expected = secrets.peerSeed.slice();
  const identity = await identityFrom(secrets);
  secrets.peerSeed.fill(0);
  identity.secrets().peerSeed.fill(0);
  assert.deepEqual(identity.secrets().peerSeed, expected);
  const again = await identityFrom(identity.secrets());
  assert.equal(again.peer, identity.peer);
  const message = random(5);
  assert(await again.verify(identity.peer, message, await identity.sign(message)));
});

Deno.test("identityFrom() takes the keys that age makes", async () => {
  const storageKey = await generateX25519Identity();
  assert.equal((await identityFrom({ peerSeed: random(32), storageKey })).secrets().storageKey, storageKey);
});

Deno.test("identityFrom() names the wrong field, and repeats nothing of it", async () => {
  const { peerSeed, storageKey } = (await newIdentity(random)).secrets();
  const mistyped = storageKey.replace(/.$/, (last) => last === "Q" ? "P" : "Q");
  const wrongKeys = [
    "",
    mistyped,
    storageKey.toLowerCase(),
    `${storageKey} `,
    await identityToRecipient(storageKey),
    await generateHybridIdentity(),
  ];
  for (const wrong of wrongKeys) {
    const error = await identityFrom({ peerSeed, storageKey: wrong }).catch((error) => error);
    assert(error instanceof InputError && error.field === "storageKey");
    assert.equal(error.cause, undefined);
    assert(wrong === "" || !String(error.stack).includes(wrong));
  }
  await assert.rejects(
    identityFrom({ peerSeed: peerSeed.subarray(1), storageKey }),
    new InputError("peerSeed", "expected 32 bytes, found 31"),
  );
  const missing = { storageKey } as Parameters<typeof identityFrom>[0];
  await assert.rejects(
    identityFrom(missing),
    new InputError("peerSeed", "expected 32 bytes, found something else"),
  );
  const none = { peerSeed } as Parameters<typeof identityFrom>[0];
  await assert.rejects(identityFrom(none), { name: "InputError", field: "storageKey" });
});
