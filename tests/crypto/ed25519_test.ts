import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { isWellFormed, keyPoint, verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { accepted } from "../../src/demo/scenes/platform_verify.ts";
import { peerIdOf, peerVerifier } from "../../src/identity/peer_key.ts";
import { verify } from "../../src/node/verify.ts";
import { crafted, misjudged, webCryptoTakesCraftedR } from "./crafted_signatures.ts";
import { badElements, badScalars } from "./points.ts";
import { groups } from "../../src/crypto/group.ts";
import { verifyAtOnce } from "../sim/identity.ts";

const scheme = "ed25519" as const;
const message = new TextEncoder().encode("hello threshold");
const secret = new Uint8Array(32).fill(1);
const publicKey = ed25519.getPublicKey(secret), signature = ed25519.sign(message, secret);

Deno.test("the crafted signatures are ed25519-speccheck's twelve, one honest, and some that noble's cofactor lets pass", () => {
  assert.equal(crafted.filter(({ what }) => what.startsWith("ed25519-speccheck")).length, 12);
  assert.equal(crafted.filter(({ good }) => good).length, 1);
  const cofactored = crafted.filter(({ publicKey, message, signature }) =>
    ed25519.verify(signature, message, publicKey, { zip215: false })
  );
  assert.deepEqual(cofactored.map(({ what }) => what), [
    "ed25519-speccheck 2",
    "ed25519-speccheck 3",
    "ed25519-speccheck 4",
    "ed25519-speccheck 5",
    "an honest signature",
    "R with a part of order 8",
    "R is the identity",
    "a key with a part of order 8, which the challenge cancels",
  ]);
});

Deno.test("verifyEd25519(), by noble, judges every crafted signature as it is", async () => {
  assert.deepEqual(await misjudged(verifyEd25519), []);
});

Deno.test("peerVerifier(), by WebCrypto, judges every crafted signature as verifyEd25519() does", async () => {
  const verify = peerVerifier();
  assert.deepEqual(
    await misjudged((key, message, signature) => verify(peerIdOf(key), message, signature)),
    [],
  );
});

Deno.test("verifyAtOnce(), by node:crypto for tests, judges every crafted signature as verifyEd25519() does", async () => {
  assert.deepEqual(
    await misjudged((key, message, signature) => verifyAtOnce(peerIdOf(key), message, signature)),
    [],
  );
});

Deno.test("verify(), verifySignature() and the demonstration's second opinion judge crafted signatures alike", async () => {
  const key = (publicKey: Uint8Array) => ({ scheme, publicKey, chainCode: new Uint8Array(32) });
  assert.deepEqual(
    await misjudged((publicKey, message, bytes) => verify(key(publicKey), message, { scheme, bytes })),
    [],
  );
  assert.deepEqual(await misjudged((...what) => schemes[scheme].verify(...what)), []);
  assert.deepEqual(
    await misjudged((publicKey, message, signature) => accepted({ scheme, publicKey, message, signature })),
    [],
  );
});

Deno.test("WebCrypto checks the equation without the cofactor: no check of R's order is needed here", async () => {
  assert.equal(await webCryptoTakesCraftedR(), false);
});

Deno.test("keyPoint() takes no key of small or mixed order, none that is not canonical, and none off the curve", () => {
  for (const { what, bytes } of badElements.ed25519) {
    assert.equal(keyPoint(bytes), null, what);
    assert.equal(keyPoint(bytes), null, `${what}, asked again`);
    assert.equal(verifyEd25519(bytes, message, signature), false, what);
  }
  assert.deepEqual(keyPoint(publicKey)!.toBytes(), publicKey);
  assert.equal(keyPoint(publicKey), keyPoint(publicKey.slice()), "looked at once");
});

Deno.test("keyPoint() needs no check of encodings of its own: no point that has two of them is of prime order", () => {
  let found = 0;
  for (let y = 0n; y < 19n; y++) { // y + p is below 2^255 for these alone
    const bytes = new Uint8Array(32).with(0, Number(y));
    try {
      const point = ed25519.Point.fromBytes(bytes);
      assert.ok(point.is0() || !point.isTorsionFree(), `y = ${y}`);
      found++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error; // else it is not on the curve
    }
  }
  assert.equal(found, 12);
});

Deno.test("isWellFormed() takes an S below the order only, and only the one encoding of R", () => {
  assert.ok(isWellFormed(signature));
  for (const { what, bytes } of badScalars(groups.ed25519)) {
    assert.equal(isWellFormed(Uint8Array.of(...signature.subarray(0, 32), ...bytes)), false, what);
  }
  const field = ed25519.Point.Fp.ORDER;
  for (const y of [1n, field - 1n, field, field + 1n, field + 3n, field + 18n]) {
    for (const sign of [0n, 1n << 255n]) {
      const R = Uint8Array.fromHex((y + sign).toString(16).padStart(64, "0")).reverse();
      assert.equal(isWellFormed(Uint8Array.of(...R, ...signature.subarray(32))), false, R.toHex());
    }
  }
});

Deno.test("verifyEd25519() is false for bytes of another length and for another message, and goes on with more keys than it keeps", () => {
  assert.ok(verifyEd25519(publicKey, message, signature));
  for (const length of [0, 63, 65]) {
    assert.equal(verifyEd25519(publicKey, message, new Uint8Array(length)), false);
  }
  assert.equal(verifyEd25519(publicKey.subarray(1), message, signature), false);
  assert.equal(verifyEd25519(publicKey, message.subarray(1), signature), false);
  let point = ed25519.Point.BASE;
  for (let i = 0; i < 1100; i++) {
    keyPoint(point.toBytes());
    point = point.add(ed25519.Point.BASE);
  }
  assert.ok(verifyEd25519(publicKey, message, signature));
});
