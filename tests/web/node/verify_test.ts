import assert from "node:assert/strict";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { tweakedShare } from "../../../src/crypto/bip340/key_tweak.ts";
import { tweakedKeyOf } from "../../../src/crypto/bip340/signing_key.ts";
import { childKey } from "../../../src/node/verify.ts";
import type { ItemInput, Signature } from "../../../web/node/node_port.ts";
import { verifyAll, verifyHere } from "../../../web/node/verify.ts";
import { misjudged } from "../../crypto/crafted_signatures.ts";

const chainCode = new Uint8Array(32).fill(7);

async function signed(message: Uint8Array<ArrayBuffer>) {
  const { privateKey, publicKey: pair } = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair));
  const bytes = new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message));
  const signature: Signature = { scheme: "ed25519", bytes, publicKey };
  return {
    key: { scheme: "ed25519", publicKey, chainCode } as const,
    item: { message },
    signature,
  };
}

Deno.test("verifyHere() accepts a signature, of nothing and of 64 KiB too", async () => {
  for (const length of [0, 1, 64 * 1024]) {
    const { key, item, signature } = await signed(new Uint8Array(length));
    assert.equal(await verifyHere(key, item, signature), "verified");
  }
});

Deno.test("verifyHere() rejects another message, another signature, another key, and what is no key", async () => {
  const { key, item, signature } = await signed(new Uint8Array([1, 2, 3]));
  const wrong = async (change: Partial<Signature>, of = key, about: ItemInput = item) =>
    assert.equal(await verifyHere(of, about, { ...signature, ...change } as Signature), "wrong");
  await wrong({}, key, { message: new Uint8Array([1, 2]) });
  await wrong({ bytes: signature.bytes.with(0, signature.bytes[0]! ^ 1) });
  await wrong({ bytes: new Uint8Array(3) });
  await wrong({}, { ...key, publicKey: key.publicKey.with(0, key.publicKey[0]! ^ 1) });
  const short = new Uint8Array(31);
  await wrong({ publicKey: short }, { ...key, publicKey: short });
});

function signedEcdsa(message: Uint8Array) {
  const secret = secp256k1.utils.randomSecretKey();
  const key = { scheme: "ecdsa", publicKey: secp256k1.getPublicKey(secret), chainCode } as const;
  const digest = keccak_256(message);
  const bytes = secp256k1.sign(digest, secret, { prehash: false });
  const forms = { recovery: 0, der: new Uint8Array(), ethereum: null };
  const signature: Signature = { scheme: "ecdsa", bytes, ...forms, digest, publicKey: key.publicKey };
  return { key, digest, item: { message, hash: "keccak256" } as const, signature };
}

Deno.test("verifyHere() checks BIP-340 under the child and the Taproot output that were asked for", async () => {
  const secret = new Uint8Array(32).fill(7);
  const key = { scheme: "bip340", publicKey: secp256k1.getPublicKey(secret), chainCode } as const;
  const message = new Uint8Array([1, 2, 3]);
  const uses = [[], [4]].flatMap((path) =>
    [null, new Uint8Array(), new Uint8Array(32).fill(9)].map((merkleRoot) => ({ path, merkleRoot }))
  );
  for (const made of uses) {
    const own = tweakedShare(secret, tweakedKeyOf(key, made));
    const signature: Signature = {
      scheme: "bip340",
      bytes: schnorr.sign(message, own),
      publicKey: schnorr.getPublicKey(own),
    };
    for (const { path, merkleRoot } of uses) {
      const same = path === made.path && merkleRoot === made.merkleRoot;
      const found = await verifyHere(key, { message, merkleRoot, path }, signature);
      assert.equal(found, same ? "verified" : "wrong");
    }
  }
});

Deno.test("verifyHere() checks ECDSA under the hash that was asked, of a message or as a digest", async () => {
  const message = new Uint8Array([1, 2, 3]);
  const { key, digest, item, signature } = signedEcdsa(message);
  assert.equal(await verifyHere(key, item, signature), "verified");
  assert.equal(await verifyHere(key, { digest, hash: "keccak256" }, signature), "verified");
  assert.equal(await verifyHere(key, { message }, signature), "wrong", "sha256 is another digest");
});

Deno.test("verifyHere() wants the key of the child that was asked, whatever the answer calls its own", async () => {
  const { key, item, signature } = signedEcdsa(new Uint8Array([1]));
  const ofChild = { ...item, path: [0, 5] };
  assert.equal(await verifyHere(key, ofChild, signature), "wrong");
  const { publicKey } = childKey(key, [0, 5]);
  assert.equal(await verifyHere(key, ofChild, { ...signature, publicKey }), "wrong");
});

Deno.test("verifyHere() judges crafted signatures as every other verifier does", async () => {
  const found = await misjudged(async (publicKey, message, bytes) => {
    const signature: Signature = { scheme: "ed25519", bytes, publicKey };
    const key = { scheme: "ed25519", publicKey, chainCode } as const;
    return await verifyHere(key, { message }, signature) === "verified";
  });
  assert.deepEqual(found, []);
});

Deno.test("verifyAll() has one verdict for all signatures, and says which are wrong", async () => {
  const { key, item, signature } = await signed(new Uint8Array([1]));
  const items = Array.from({ length: 20 }, () => item);
  const all = items.map(() => signature);
  assert.deepEqual(await verifyAll(key, items, all), { is: "verified", wrong: [] });
  const bad = { ...signature, bytes: new Uint8Array(64) };
  assert.deepEqual(await verifyAll(key, items, all.with(3, bad).with(19, bad)), {
    is: "wrong",
    wrong: [3, 19],
  });
  assert.deepEqual(await verifyAll(key, items, all.slice(1)), { is: "wrong", wrong: [19] }, "one is missing");
  assert.deepEqual(
    await verifyAll(key, items, [...all, signature]),
    { is: "wrong", wrong: [] },
    "one too many",
  );
  const other = items.with(2, { message: new Uint8Array([2]) });
  assert.deepEqual(await verifyAll(key, other, all), { is: "wrong", wrong: [2] }, "each is for its own item");
});
