import assert from "node:assert/strict";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { childKey, verify } from "../../mod.ts";
import { tweakedShare } from "../../src/crypto/bip340/key_tweak.ts";
import { tweakedKeyOf } from "../../src/crypto/bip340/signing_key.ts";
import { schemes } from "../../src/schemes/schemes.ts";

const scheme = "ecdsa" as const;
const message = new TextEncoder().encode("shop.example asks you to sign in");
const digest = keccak_256(message);
const secret = new Uint8Array(32).fill(7);
const key = { scheme, publicKey: secp256k1.getPublicKey(secret) };
const compact = secp256k1.sign(digest, secret, { prehash: false });
const what = { message, hash: "keccak256" } as const;

Deno.test("verify() takes the 65 bytes that sign() gives for Ethereum, beside the 64", () => {
  const signature = schemes.ecdsa.signatureOf(key.publicKey, digest, compact);
  assert.ok(signature.scheme === scheme && signature.ethereum);
  assert.equal(signature.ethereum.length, 65);
  assert.ok(verify(key, what, { scheme, bytes: signature.bytes }));
  assert.ok(verify(key, what, { scheme, bytes: signature.ethereum }));
  assert.ok(!verify(key, message, { scheme, bytes: signature.ethereum }), "sha256 is another digest");
});

Deno.test("verify() refuses 65 bytes whose v recovers another key, is no v, or whose s is high", () => {
  const { ethereum } = schemes.ecdsa.signatureOf(key.publicKey, digest, compact) as { ethereum: Uint8Array };
  const v = ethereum[64]!;
  for (const other of [v === 27 ? 28 : 27, 0, 1, 26, 29, 37, 255]) {
    assert.ok(!verify(key, what, { scheme, bytes: ethereum.with(64, other) }), `v ${other}`);
  }
  const { r, s } = secp256k1.Signature.fromBytes(compact, "compact");
  const high = new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s).toBytes("compact");
  for (const other of [27, 28]) {
    assert.ok(!verify(key, what, { scheme, bytes: Uint8Array.of(...high, other) }));
  }
  for (const at of [0, 31, 32, 63]) {
    assert.ok(!verify(key, what, { scheme, bytes: ethereum.with(at, ethereum[at]! ^ 1) }), `byte ${at}`);
  }
  for (const length of [0, 63, 66, 130]) {
    assert.ok(!verify(key, what, { scheme, bytes: new Uint8Array(length) }));
  }
  const ed25519 = { scheme: "ed25519" as const, publicKey: new Uint8Array(32) };
  assert.ok(!verify(ed25519, message, { scheme: "ed25519", bytes: ethereum }));
});

Deno.test("verify() is false, and no error, for a scheme that there is not", () => {
  for (const unknown of ["bip-340", "constructor", "__proto__", "", undefined, null, 1]) {
    const named = { scheme: unknown as never };
    const verified = () => verify({ ...key, ...named }, message, { bytes: compact, ...named });
    assert.doesNotThrow(verified, String(unknown));
    assert.equal(verified(), false, String(unknown));
  }
  assert.equal(verify(key, what, { scheme: "ed25519", bytes: compact }), false, "of another scheme");
});

const chainCode = new Uint8Array(32).fill(3);
const bip340 = { scheme: "bip340" as const, publicKey: schnorrKey(), chainCode };

/** The key of {@linkcode secret}, whose y is even. */
function schnorrKey(): Uint8Array {
  const { publicKey } = key;
  assert.equal(publicKey[0], 2);
  return publicKey;
}

/** A signature by what a path and a root make of the key. */
function schnorrSignature(path: readonly number[], merkleRoot: Uint8Array | null) {
  const own = tweakedShare(secret, tweakedKeyOf(bip340, { path, merkleRoot }));
  return { scheme: bip340.scheme, bytes: schnorr.sign(message, own) };
}

Deno.test("verify() takes a signature under what the root and the path of its input make of the key, only", () => {
  const roots = [null, new Uint8Array(), new Uint8Array(32).fill(9)];
  const uses = [[], [0, 5]].flatMap((path) => roots.map((merkleRoot) => ({ path, merkleRoot })));
  const { publicKey } = bip340;
  for (const made of uses) {
    const signature = schnorrSignature(made.path, made.merkleRoot);
    for (const asked of uses) {
      assert.equal(
        verify(bip340, { message, ...asked }, signature),
        asked === made,
        JSON.stringify([made, asked]),
      );
      const { path, merkleRoot } = asked;
      const child = childKey(bip340, path);
      assert.equal(verify(child, { message, merkleRoot }, signature), asked === made, "the child is given");
      const x = { scheme: bip340.scheme, publicKey: child.publicKey.slice(1) };
      assert.equal(verify(x, { message, merkleRoot }, signature), asked === made, "x of the child is given");
    }
    const noChain = verify({ scheme: bip340.scheme, publicKey }, { message, ...made }, signature);
    assert.equal(noChain, made.path.length === 0, "without a chain code there are no children");
  }
});

Deno.test("verify() is false, and no error, for a root that the scheme has not, and for what is no key", () => {
  const signature = schnorrSignature([], null);
  assert.ok(verify(bip340, message, signature));
  for (const merkleRoot of [new Uint8Array(31), "", 1]) {
    assert.ok(!verify(bip340, { message, merkleRoot: merkleRoot as never }, signature));
  }
  const input = { message, hash: "keccak256" as const };
  assert.ok(verify(key, input, { scheme, bytes: compact }));
  assert.ok(!verify(key, { ...input, merkleRoot: new Uint8Array() } as never, { scheme, bytes: compact }));
  for (const publicKey of [new Uint8Array(32), new Uint8Array(33).fill(255), new Uint8Array()]) {
    for (const merkleRoot of [null, new Uint8Array()]) {
      assert.ok(!verify({ ...bip340, publicKey }, { message, merkleRoot }, signature));
    }
  }
});
