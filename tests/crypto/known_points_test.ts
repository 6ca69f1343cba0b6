import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import assert from "node:assert/strict";
import { groups } from "../../src/crypto/group.ts";
import { KnownPoint } from "../../src/crypto/known_points.ts";
import { badElements } from "./points.ts";

Deno.test("KnownPoint.fromBytes() gives the same point for the same bytes, and noble's", () => {
  const bytes = ed25519.Point.BASE.multiply(5n).toBytes();
  const point = KnownPoint.fromBytes(bytes);
  assert.equal(KnownPoint.fromBytes(bytes.slice()), point);
  assert.ok(point.equals(ed25519.Point.BASE.multiply(5n)));
  assert.ok(point.isTorsionFree());
  assert.ok(point.isTorsionFree());
});

Deno.test("KnownPoint refuses what it refused before, however often it is read", () => {
  for (const { what, bytes } of badElements.ed25519) {
    for (let i = 0; i < 3; i++) {
      assert.throws(() => groups.ed25519.decodeElement(bytes), Error, what);
      assert.ok(!readsAsPrimeOrder(bytes), what);
    }
  }
});

Deno.test("KnownPoint.computed() vouches for its point, and for no other", () => {
  const bytes = ed25519.Point.BASE.multiply(13n).toBytes();
  KnownPoint.computed(bytes);
  assert.ok(readsAsPrimeOrder(bytes));
  const small = ed25519.Point.fromHex(ED25519_TORSION_SUBGROUP[1]!);
  assert.ok(!readsAsPrimeOrder(ed25519.Point.BASE.multiply(13n).add(small).toBytes()));
});

Deno.test("KnownPoint does not change with the bytes it was read from", () => {
  const bytes = ed25519.Point.BASE.multiply(7n).toBytes();
  const point = KnownPoint.fromBytes(bytes);
  bytes.set(ed25519.Point.BASE.multiply(8n).toBytes());
  assert.notEqual(KnownPoint.fromBytes(bytes), point);
  assert.ok(point.equals(ed25519.Point.BASE.multiply(7n)));
});

Deno.test("KnownPoint forgets, and reads again", () => {
  const first = ed25519.Point.BASE.multiply(11n).toBytes();
  const point = KnownPoint.fromBytes(first);
  for (let n = 1_000n; n < 1_600n; n++) KnownPoint.fromBytes(ed25519.Point.BASE.multiply(n).toBytes());
  assert.notEqual(KnownPoint.fromBytes(first), point);
  assert.ok(KnownPoint.fromBytes(first).isTorsionFree());
});

function readsAsPrimeOrder(bytes: Uint8Array): boolean {
  try {
    const point = KnownPoint.fromBytes(bytes);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}
