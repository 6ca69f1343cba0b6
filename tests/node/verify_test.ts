import assert from "node:assert/strict";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { verify } from "../../mod.ts";
import { signatureOf } from "../../src/cluster/records/signing.ts";

const curve = "secp256k1" as const;
const message = new TextEncoder().encode("shop.example asks you to sign in");
const digest = keccak_256(message);
const secret = new Uint8Array(32).fill(7);
const key = { curve, publicKey: secp256k1.getPublicKey(secret) };
const compact = secp256k1.sign(digest, secret, { prehash: false });
const what = { message, hash: "keccak256" } as const;

Deno.test("verify() takes the 65 bytes that sign() gives for Ethereum, beside the 64", () => {
  const signature = signatureOf(key, digest, compact);
  assert.ok(signature.curve === curve && signature.ethereum);
  assert.equal(signature.ethereum.length, 65);
  assert.ok(verify(key, what, { curve, bytes: signature.bytes }));
  assert.ok(verify(key, what, { curve, bytes: signature.ethereum }));
  assert.ok(!verify(key, message, { curve, bytes: signature.ethereum }), "sha256 is another digest");
});

Deno.test("verify() refuses 65 bytes whose v recovers another key, is no v, or whose s is high", () => {
  const { ethereum } = signatureOf(key, digest, compact) as { ethereum: Uint8Array };
  const v = ethereum[64]!;
  for (const other of [v === 27 ? 28 : 27, 0, 1, 26, 29, 37, 255]) {
    assert.ok(!verify(key, what, { curve, bytes: ethereum.with(64, other) }), `v ${other}`);
  }
  const { r, s } = secp256k1.Signature.fromBytes(compact, "compact");
  const high = new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s).toBytes("compact");
  for (const other of [27, 28]) {
    assert.ok(!verify(key, what, { curve, bytes: Uint8Array.of(...high, other) }));
  }
  for (const at of [0, 31, 32, 63]) {
    assert.ok(!verify(key, what, { curve, bytes: ethereum.with(at, ethereum[at]! ^ 1) }), `byte ${at}`);
  }
  for (const length of [0, 63, 66, 130]) {
    assert.ok(!verify(key, what, { curve, bytes: new Uint8Array(length) }));
  }
  const ed25519 = { curve: "ed25519" as const, publicKey: new Uint8Array(32) };
  assert.ok(!verify(ed25519, message, { curve: "ed25519", bytes: ethereum }));
});
