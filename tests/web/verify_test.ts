import assert from "node:assert/strict";
import { verifyHere } from "../../web/verify.ts";

async function signed(message: Uint8Array<ArrayBuffer>) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  return {
    message,
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)),
    signature: new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message)),
  };
}

Deno.test("verifyHere() accepts a signature, of nothing and of 64 KiB too", async () => {
  for (const length of [0, 1, 64 * 1024]) {
    assert.equal(await verifyHere("ed25519", await signed(new Uint8Array(length))), "verified");
  }
});

Deno.test("verifyHere() rejects another message, another signature, and what is no key at all", async () => {
  const good = await signed(new Uint8Array([1, 2, 3]));
  assert.equal(await verifyHere("ed25519", { ...good, message: new Uint8Array([1, 2]) }), "wrong");
  assert.equal(await verifyHere("ed25519", { ...good, signature: good.signature.with(0, 1) }), "wrong");
  assert.equal(await verifyHere("ed25519", { ...good, signature: new Uint8Array(3) }), "wrong");
  assert.equal(await verifyHere("ed25519", { ...good, publicKey: new Uint8Array(31) }), "wrong");
});

Deno.test("verifyHere() does not pretend to know a curve that browsers do not", async () => {
  assert.equal(await verifyHere("secp256k1", await signed(new Uint8Array(1))), "unsupported");
});
