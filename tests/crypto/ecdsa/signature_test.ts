import { secp256k1 } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import { fromDer, toDer } from "../../../src/crypto/ecdsa/der.ts";
import {
  assemble,
  digestOf,
  digestScalar,
  nonceScalar,
  recoveryOf,
  toEthereum,
  verifyEcdsa,
  verifyEthereum,
} from "../../../src/crypto/ecdsa/signature.ts";
import { groups } from "../../../src/crypto/group.ts";
import { seeded } from "../../protocol/keys.ts";
import wycheproof from "../../vectors/wycheproof_ecdsa.json" with { type: "json" };
import { recoverKey } from "./recover_key.ts";

const group = groups.secp256k1;
const random = seeded("ecdsa");
const secret = group.randomScalar(random);
const publicKey = group.encodeElement(group.multiplyBase(secret));
const digest = random(32);
const invert = (a: bigint) => secp256k1.Point.Fn.inv(a);

/** An honest signature with nonce k; negated, if asked. */
function signed(k: bigint, { negate = false, digest: d = digest } = {}) {
  const nonce = nonceScalar(group.multiplyBase(k));
  const s = group.reduce((digestScalar(d)! + nonce.rx * secret) * invert(k));
  return assemble(nonce, negate ? group.order - s : s);
}
const half = group.order / 2n;
const sOf = (compact: Uint8Array) => group.decodeScalar(compact.slice(32));

Deno.test("assemble() lowers s, and noble still recovers the key", () => {
  for (let i = 0; i < 20; i++) {
    const signature = signed(group.randomScalar(random))!;
    assert.ok(sOf(signature.compact) <= half);
    assert.ok(verifyEcdsa(publicKey, digest, signature.compact));
    assert.deepEqual(recoverKey(signature, digest), publicKey);
    assert.notDeepEqual(recoverKey({ ...signature, recovery: signature.recovery ^ 1 }, digest), publicKey);
  }
});

Deno.test("assemble() gives for -s what it gives for s, except that R is another", () => {
  const k = group.randomScalar(random);
  const [one, two] = [signed(k)!, signed(k, { negate: true })!];
  assert.deepEqual(one.compact, two.compact);
  assert.equal(one.recovery, two.recovery ^ 1);
});

Deno.test("assemble() refuses r = 0 and s = 0", () => {
  assert.equal(assemble({ rx: 0n, recovery: 0 }, 1n), null);
  assert.equal(assemble({ rx: 1n, recovery: 0 }, 0n), null);
});

Deno.test("nonceScalar() notes that x was over the order", () => {
  const element = { toAffine: () => ({ x: group.order + 5n, y: 3n }) } as unknown as Parameters<
    typeof nonceScalar
  >[0];
  assert.deepEqual(nonceScalar(element), { rx: 5n, recovery: 3 });
});

Deno.test("verifyEcdsa() refuses a high s, another digest, another key, and every other shape", () => {
  const { compact } = signed(group.randomScalar(random))!;
  const high = compact.slice();
  high.set(group.encodeScalar(group.order - sOf(compact)), 32);
  assert.ok(!verifyEcdsa(publicKey, digest, high));
  assert.ok(!verifyEcdsa(publicKey, digest.with(0, digest[0]! ^ 1), compact));
  assert.ok(!verifyEcdsa(group.encodeElement(group.multiplyBase(5n)), digest, compact));
  assert.ok(!verifyEcdsa(secp256k1.Point.fromBytes(publicKey).toBytes(false), digest, compact));
  for (const bad of [new Uint8Array(), new Uint8Array(64), compact.slice(1), Uint8Array.of(...compact, 0)]) {
    assert.ok(!verifyEcdsa(publicKey, digest, bad));
  }
  for (const at of [0, 32]) {
    const over = compact.slice();
    over.set(new Uint8Array(32).fill(255), at);
    assert.ok(!verifyEcdsa(publicKey, digest, over));
  }
  assert.ok(!verifyEcdsa(publicKey, digest.subarray(1), compact));
  assert.ok(!verifyEcdsa(new Uint8Array(33), digest, compact));
});

/** The same signature with the other s. */
function otherS(compact: Uint8Array): Uint8Array {
  const other = compact.slice();
  other.set(group.encodeScalar(group.order - sOf(compact)), 32);
  return other;
}

Deno.test("verifyEcdsa() judges every case of Wycheproof, once s is the lower one, and recoveryOf() finds its R", () => {
  let good = 0;
  for (const { publicKey: key, tests } of wycheproof) {
    const publicKey = secp256k1.Point.fromHex(key).toBytes();
    for (const { id, what, message, signature, result } of tests) {
      const digest = digestOf("sha256", Uint8Array.fromHex(message));
      const given = Uint8Array.fromHex(signature);
      if (result === "invalid") {
        assert.ok(!verifyEcdsa(publicKey, digest, given), `${id}: ${what}`);
        continue;
      }
      const [low, high] = sOf(given) <= half ? [given, otherS(given)] : [otherS(given), given];
      assert.ok(verifyEcdsa(publicKey, digest, low), `${id}: ${what}`);
      assert.ok(!verifyEcdsa(publicKey, digest, high), `${id}: ${what}, high s`);
      const recovery = recoveryOf(publicKey, digest, low)!;
      assert.deepEqual(recoverKey({ compact: low, recovery }, digest), publicKey, `${id}: ${what}`);
      for (const v of [27, 28]) {
        const ethereum = Uint8Array.of(...low, v);
        assert.equal(
          verifyEthereum(publicKey, digest, ethereum),
          v === 27 + recovery,
          `${id}: ${what}, ${v}`,
        );
      }
      good++;
    }
  }
  assert.equal(good, 167);
});

Deno.test("verifyEcdsa() and noble agree on a signature in which any one bit is changed", () => {
  const { compact } = signed(group.randomScalar(random))!;
  const noble = (key: Uint8Array, of: Uint8Array, signature: Uint8Array) =>
    secp256k1.verify(signature, of, key, { prehash: false });
  const changed = (bytes: Uint8Array, bit: number) =>
    bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
  assert.ok(verifyEcdsa(publicKey, digest, compact) && noble(publicKey, digest, compact));
  for (let bit = 0; bit < 512; bit += 3) {
    const other = changed(compact, bit);
    assert.equal(verifyEcdsa(publicKey, digest, other), noble(publicKey, digest, other), `signature ${bit}`);
  }
  for (let bit = 0; bit < 256; bit += 5) {
    const other = changed(digest, bit);
    assert.equal(verifyEcdsa(publicKey, other, compact), noble(publicKey, other, compact), `digest ${bit}`);
  }
  const nobleOr = (key: Uint8Array) => {
    try {
      return noble(key, digest, compact);
    } catch {
      return false; // no point
    }
  };
  for (let bit = 0; bit < 264; bit += 5) {
    const other = changed(publicKey, bit);
    assert.equal(verifyEcdsa(other, digest, compact), nobleOr(other), `key ${bit}`);
  }
});

Deno.test("digestScalar() refuses 0, the order and more, and every other length; leading zeros are fine", () => {
  for (
    const bad of [
      new Uint8Array(32),
      group.encodeScalar(0n),
      new Uint8Array(32).fill(255),
      new Uint8Array(31),
      new Uint8Array(33),
    ]
  ) {
    assert.equal(digestScalar(bad), null);
  }
  assert.equal(digestScalar(Uint8Array.fromHex(group.order.toString(16))), null);
  for (let zeros = 1; zeros < 32; zeros++) {
    const small = new Uint8Array(32).fill(7, zeros);
    const signature = signed(group.randomScalar(random), { digest: small })!;
    assert.ok(verifyEcdsa(publicKey, small, signature.compact));
    assert.deepEqual(recoverKey(signature, small), publicKey);
  }
});

Deno.test("toDer() and fromDer() agree, and fromDer() is strict", () => {
  const signature = signed(group.randomScalar(random))!;
  const der = toDer(signature);
  assert.deepEqual(fromDer(der), signature.compact);
  const high = signature.compact.slice();
  high.set(group.encodeScalar(group.order - sOf(high)), 32);
  const long = Uint8Array.of(0x30, der[1]! + 1, 2, der[3]! + 1, 0, ...der.subarray(4));
  for (
    const bad of [
      toDer({ compact: high, recovery: 0 }),
      Uint8Array.of(...der, 0),
      der.subarray(0, -1),
      Uint8Array.of(0x30, 0x81, ...der.subarray(1)),
      long,
      new Uint8Array(),
    ]
  ) assert.equal(fromDer(bad), null);
});

Deno.test("toEthereum() is r, s and 27 or 28, and refuses a recovery that Ethereum does not have", () => {
  const signature = signed(group.randomScalar(random))!;
  const encoded = toEthereum(signature);
  assert.equal(encoded.length, 65);
  assert.deepEqual(encoded.slice(0, 64), signature.compact);
  assert.equal(encoded[64], 27 + signature.recovery);
  assert.throws(() => toEthereum({ ...signature, recovery: 2 }), RangeError);
});

Deno.test("digestOf() names its hash", () => {
  const empty = new Uint8Array();
  assert.equal(digestOf("sha256", empty).toHex().slice(0, 16), "e3b0c44298fc1c14");
  assert.equal(digestOf("sha256d", empty).toHex().slice(0, 16), "5df6e0e2761359d3");
  assert.equal(digestOf("keccak256", empty).toHex().slice(0, 16), "c5d2460186f7233c");
});
