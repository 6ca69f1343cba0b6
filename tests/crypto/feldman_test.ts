import fc from "fast-check";
import assert from "node:assert/strict";
import { drawPolynomial, publicShare } from "../../src/crypto/feldman.ts";
import { interpolate, seeded } from "../protocol/keys.ts";
import { bothCurves } from "./points.ts";

for (const group of bothCurves) {
  Deno.test(`publicShare() agrees with share() · G on ${group.curve}`, () => {
    using polynomial = drawPolynomial(group, 3, seeded("feldman"));
    assert.equal(polynomial.commitment.length, 3);
    for (const identifier of [1, 2, 3, 15, 16]) {
      const image = publicShare(group, polynomial.commitment, identifier);
      assert.ok(image.equals(group.multiplyBase(polynomial.share(identifier))));
    }
  });

  Deno.test(`share() gives the secret back from any t points on ${group.curve}, and not from fewer`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 16 }), { minLength: 5, maxLength: 8 }),
        fc.string(),
        (threshold, identifiers, seed) => {
          using polynomial = drawPolynomial(group, threshold, seeded(seed));
          const shares = identifiers.map((i) => [i, polynomial.share(i)] as const);
          assert.equal(interpolate(group, new Map(shares.slice(0, threshold))), polynomial.secret);
          assert.notEqual(interpolate(group, new Map(shares.slice(0, threshold - 1))), polynomial.secret);
        },
      ),
      { numRuns: 15 },
    );
  });

  Deno.test(`drawPolynomial() forgets its coefficients on ${group.curve} when it leaves its scope`, () => {
    const polynomial = drawPolynomial(group, 2, seeded("dropped"));
    polynomial[Symbol.dispose]();
    assert.throws(() => polynomial.share(1), /dropped/);
    assert.throws(() => polynomial.secret, /dropped/);
  });
}

Deno.test("publicShare() is the identity at a root, and no error", () => {
  for (const group of bothCurves) {
    // f(x) = x - 2
    const commitment = [group.multiplyBase(group.order - 2n), group.multiplyBase(1n)];
    assert.ok(publicShare(group, commitment, 2).is0());
    assert.ok(!publicShare(group, commitment, 3).is0());
  }
});
