import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { childKey } from "../../src/node/verify.ts";
import type { Signature } from "../../web/node/node_port.ts";
import { verifyHere } from "../../web/node/verify.ts";
import { misjudged } from "../crypto/crafted_signatures.ts";

const chainCode = new Uint8Array(32).fill(7);

async function signed(message: Uint8Array<ArrayBuffer>) {
  const { privateKey, publicKey: pair } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair));
  const bytes = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message));
  const signature: Signature = { curve: "ed25519", bytes, publicKey };
  return {
    key: { curve: "ed25519", publicKey, chainCode } as const,
    answered: { input: { message }, path: [], signature },
  };
}

Deno.test("verifyHere() accepts a signature, of nothing and of 64 KiB too", async () => {
  for (const length of [0, 1, 64 * 1024]) {
    const { key, answered } = await signed(new Uint8Array(length));
    assert.equal(await verifyHere(key, answered), "verified");
  }
});

Deno.test("verifyHere() rejects another message, another signature, another key, and what is no key", async () => {
  const { key, answered } = await signed(new Uint8Array([1, 2, 3]));
  const { signature } = answered;
  const wrong = async (change: Partial<typeof answered>, of = key) =>
    assert.equal(await verifyHere(of, { ...answered, ...change }), "wrong");
  await wrong({ input: { message: new Uint8Array([1, 2]) } });
  await wrong({ signature: { ...signature, bytes: signature.bytes.with(0, signature.bytes[0]! ^ 1) } });
  await wrong({ signature: { ...signature, bytes: new Uint8Array(3) } });
  await wrong({}, { ...key, publicKey: key.publicKey.with(0, key.publicKey[0]! ^ 1) });
  const short = new Uint8Array(31);
  await wrong({ signature: { ...signature, publicKey: short } }, { ...key, publicKey: short });
});

function signedEcdsa(message: Uint8Array) {
  const secret = secp256k1.utils.randomSecretKey();
  const key = { curve: "secp256k1", publicKey: secp256k1.getPublicKey(secret), chainCode } as const;
  const digest = keccak_256(message);
  const bytes = secp256k1.sign(digest, secret, { prehash: false });
  const forms = { recovery: 0, der: new Uint8Array(), ethereum: null };
  const signature: Signature = { curve: "secp256k1", bytes, ...forms, digest, publicKey: key.publicKey };
  return { key, digest, answered: { input: { message, hash: "keccak256" } as const, path: [], signature } };
}

Deno.test("verifyHere() checks ECDSA under the hash that was asked, of a message or as a digest", async () => {
  const message = new Uint8Array([1, 2, 3]);
  const { key, digest, answered } = signedEcdsa(message);
  assert.equal(await verifyHere(key, answered), "verified");
  const asDigest = { ...answered, input: { digest, hash: "keccak256" } as const };
  assert.equal(await verifyHere(key, asDigest), "verified");
  assert.equal(
    await verifyHere(key, { ...answered, input: { message } }),
    "wrong",
    "sha256 is another digest",
  );
});

Deno.test("verifyHere() wants the key of the child that was asked, whatever the answer calls its own", async () => {
  const { key, answered } = signedEcdsa(new Uint8Array([1]));
  assert.equal(await verifyHere(key, { ...answered, path: [0, 5] }), "wrong");
  const { publicKey } = childKey(key, [0, 5]);
  const renamed = { ...answered, path: [0, 5], signature: { ...answered.signature, publicKey } };
  assert.equal(await verifyHere(key, renamed), "wrong");
});

Deno.test("verifyHere() judges crafted signatures as every other verifier does", async () => {
  const found = await misjudged(async (publicKey, message, bytes) => {
    const signature: Signature = { curve: "ed25519", bytes, publicKey };
    const key = { curve: "ed25519", publicKey, chainCode } as const;
    return await verifyHere(key, { input: { message }, path: [], signature }) === "verified";
  });
  assert.deepEqual(found, []);
});
