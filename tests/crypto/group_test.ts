import assert from "node:assert/strict";
import { groups } from "../../src/crypto/group.ts";
import { badElements, badScalars, bothCurves } from "./points.ts";

for (const group of bothCurves) {
  const { curve } = group;

  Deno.test(`decodeElement() refuses what is no element of prime order on ${curve}`, () => {
    for (const { what, bytes } of badElements[curve]) {
      assert.throws(() => group.decodeElement(bytes), Error, what);
    }
  });

  Deno.test(`decodeElement() reads what encodeElement() writes on ${curve}`, () => {
    for (const scalar of [1n, 2n, 12345n, group.order - 1n]) {
      const element = group.multiplyBase(scalar);
      const bytes = group.encodeElement(element);
      assert.equal(bytes.length, group.elementLength);
      assert.ok(group.decodeElement(bytes).equals(element));
    }
  });

  Deno.test(`encodeElement() does not write the identity of ${curve}`, () => {
    assert.throws(() => group.encodeElement(group.zero), RangeError);
  });

  Deno.test(`decodeScalar() refuses what is not below the order of ${curve}, and lets 0 in`, () => {
    for (const { what, bytes } of badScalars(group)) {
      assert.throws(() => group.decodeScalar(bytes), Error, what);
    }
    assert.equal(group.decodeScalar(new Uint8Array(32)), 0n);
    assert.equal(group.decodeScalar(group.encodeScalar(group.order - 1n)), group.order - 1n);
  });

  Deno.test(`multiplyBase() gives the identity for 0 on ${curve}, and no error`, () => {
    assert.ok(group.multiplyBase(0n).is0());
  });

  Deno.test(`randomScalar() draws 48 bytes on ${curve}, wipes them, and is never 0`, () => {
    for (const fill of [0, 255]) {
      const drawn: Uint8Array[] = [];
      const scalar = group.randomScalar((length) => {
        const bytes = new Uint8Array(length).fill(fill);
        drawn.push(bytes);
        return bytes;
      });
      assert.ok(scalar > 0n && scalar < group.order);
      assert.deepEqual(drawn, [new Uint8Array(48)]);
    }
  });
}

Deno.test("hashToScalar() stays below the order", () => {
  const most = new Uint8Array(32).fill(255);
  for (const group of Object.values(groups)) {
    assert.equal(group.hashToScalar(most), (2n ** 256n - 1n) % group.order);
  }
});
