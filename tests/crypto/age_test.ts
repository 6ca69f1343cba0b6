import assert from "node:assert/strict";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { decryptWith, encryptTo } from "../../src/crypto/age/records.ts";
import { recipientOf, storageKeyOf } from "../../src/crypto/age/storage_key.ts";
import { asWebKitGTK, beginningWithZeros, refusing } from "./webkitgtk.ts";

const plain = new TextEncoder().encode("a share");

Deno.test("recipientOf() is the recipient that age has for the key, whatever its first byte", async () => {
  for (let first = 0; first < 256; first++) {
    const scalar = beginningWithZeros(1);
    scalar[0] = first;
    const storageKey = storageKeyOf(scalar);
    assert.equal(await recipientOf(storageKey), await identityToRecipient(storageKey), `${first}`);
  }
});

Deno.test("encryptTo() and decryptWith() are age's own for a key that begins with zero", async () => {
  const storageKey = storageKeyOf(beginningWithZeros(1));
  const decrypter = new Decrypter();
  decrypter.addIdentity(storageKey);
  assert.deepEqual(await decrypter.decrypt(await encryptTo(storageKey, plain)), plain);
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  assert.deepEqual(await decryptWith(storageKey, await encrypter.encrypt(plain)), plain);
  const other = await generateX25519Identity();
  await assert.rejects(decryptWith(other, await encryptTo(storageKey, plain)), /no identity matched/);
});

Deno.test("a storage key that begins with zero is used where WebKitGTK refuses it", async () => {
  for (const zeros of [1, 2, 31]) {
    const storageKey = storageKeyOf(beginningWithZeros(zeros));
    const recipient = await identityToRecipient(storageKey);
    await assert.doesNotReject(asWebKitGTK(async () => {
      assert.equal(await recipientOf(storageKey), recipient);
      assert.deepEqual(await decryptWith(storageKey, await encryptTo(storageKey, plain)), plain);
    }));
  }
});

Deno.test("encryptTo() draws another ephemeral key where the platform refuses one, and gives up in the end", async () => {
  const storageKey = await generateX25519Identity();
  const sealedAfter = (refused: number) =>
    refusing(
      (_, imports) => imports > 1 && imports <= 1 + refused, // the first is the recipient's
      () => encryptTo(storageKey, plain),
    );
  for (const refused of [0, 1, 3]) {
    const sealed = sealedAfter(refused);
    await assert.doesNotReject(sealed, `after ${refused}`);
    assert.deepEqual(await decryptWith(storageKey, await sealed), plain);
  }
  await assert.rejects(sealedAfter(4), { name: "DataError" });
});
