import fc from "fast-check";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { schnorr } from "@noble/curves/secp256k1.js";
import { liftX, verifyBip340, xOnly } from "../../../src/crypto/bip340/signature.ts";
import { group, hex } from "./keys.ts";
import { badElements } from "../points.ts";

// tests/vectors/bip340/README.md
const csv = await Deno.readTextFile(new URL("../../vectors/bip340/bip340.csv", import.meta.url));
const vectors = csv.trim().split(/\r?\n/).slice(1).map((line) => {
  const [index, secretKey, publicKey, , message, signature, result, comment] = line.split(",");
  return {
    name: `${index} ${comment}`,
    secretKey: secretKey!,
    publicKey: hex(publicKey!),
    message: hex(message!),
    signature: hex(signature!),
    valid: result === "TRUE",
  };
});

Deno.test("verifyBip340() says of BIP-340's 19 vectors what BIP-340 says", () => {
  assert.equal(vectors.length, 19);
  assert.equal(vectors.filter(({ valid }) => valid).length, 9);
  for (const { name, publicKey, message, signature, valid } of vectors) {
    assert.equal(verifyBip340(publicKey, message, signature), valid, name);
  }
});

// tiny-secp256k1 verifies hashes of 32 bytes only, and throws for a key that is no point.
Deno.test("verifyBip340() agrees with libsecp256k1 on each vector of 32 bytes, and on changed bits of one", () => {
  const theirs = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    libsecp256k1.isXOnlyPoint(publicKey) && signatureInRange(signature) &&
    libsecp256k1.verifySchnorr(message, publicKey, signature);
  const short = vectors.filter(({ message }) => message.length === 32);
  assert.equal(short.length, 15);
  for (const { name, publicKey, message, signature, valid } of short) {
    assert.equal(theirs(publicKey, message, signature), valid, name);
  }
  const { publicKey, message, signature } = short[1]!;
  fc.assert(fc.property(fc.nat(63), fc.nat(7), (at, bit) => {
    const changed = signature.with(at, signature[at]! ^ (1 << bit));
    assert.equal(verifyBip340(publicKey, message, changed), false);
    assert.equal(theirs(publicKey, message, changed), false);
  }));
});

/** libsecp256k1's binding throws for an R or s that is out of range, where it could say no. */
function signatureInRange(signature: Uint8Array): boolean {
  const { Fp, Fn } = schnorr.Point;
  const number = (bytes: Uint8Array) => BigInt(`0x${bytes.toHex()}`);
  return number(signature.subarray(0, 32)) < Fp.ORDER && number(signature.subarray(32)) < Fn.ORDER;
}

Deno.test("verifyBip340() is false, and no error, for bytes of any other shape", () => {
  const { publicKey, message, signature } = vectors[1]!;
  assert.ok(verifyBip340(publicKey, message, signature));
  for (const length of [0, 31, 33, 65]) {
    const key = new Uint8Array(length);
    key.set(publicKey.subarray(0, length));
    assert.equal(verifyBip340(key, message, signature), false, `a key of ${length} bytes`);
  }
  for (const length of [0, 63, 65, 128]) {
    const other = new Uint8Array(length);
    other.set(signature.subarray(0, length));
    assert.equal(verifyBip340(publicKey, message, other), false, `a signature of ${length} bytes`);
  }
  assert.equal(verifyBip340(publicKey, new Uint8Array(), signature), false);
});

Deno.test("xOnly() and liftX() come to the same key for both parities, and refuse what is no point", () => {
  for (const secret of [1n, 2n, 3n, 5n, 7n, 11n]) {
    const point = group.multiplyBase(secret);
    const x = xOnly(group.encodeElement(point));
    assert.deepEqual(xOnly(group.encodeElement(point.negate())), x);
    assert.deepEqual(x, schnorr.getPublicKey(group.encodeScalar(secret)));
    assert.deepEqual(liftX(x), Uint8Array.of(2, ...x));
  }
  for (const { what, bytes } of badElements.secp256k1) {
    assert.throws(() => xOnly(bytes), Error, what);
    if (bytes.length === 33 && bytes[0]! <= 3) assert.throws(() => liftX(bytes.subarray(1)), Error, what);
  }
  assert.throws(() => liftX(group.encodeElement(group.multiplyBase(5n))), Error, "33 bytes");
});
