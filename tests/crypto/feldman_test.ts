import fc from "fast-check";
import assert from "node:assert/strict";
import { drawPolynomial, inverse, isOneSharing, lagrange, publicShare } from "../../src/crypto/feldman.ts";
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

  Deno.test(`share() refuses identifiers below 1 on ${group.curve}: f(0) is the secret`, () => {
    using polynomial = drawPolynomial(group, 2, seeded("below"));
    for (const identifier of [0, -1, 0.5]) assert.throws(() => polynomial.share(identifier), RangeError);
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

for (const group of bothCurves) {
  Deno.test(`drawPolynomial() shares a given secret on ${group.curve}, under coefficients of its own`, () => {
    using polynomial = drawPolynomial(group, 3, seeded("given"), 5n);
    using other = drawPolynomial(group, 3, seeded("another"), 5n);
    assert.equal(polynomial.secret, 5n);
    assert.equal(polynomial.commitment.length, 3);
    assert.ok(polynomial.commitment[0]!.equals(group.multiplyBase(5n)));
    for (const k of [1, 2]) assert.ok(!polynomial.commitment[k]!.equals(other.commitment[k]!));
  });

  Deno.test(`lagrange() gives f(0) out of any t shares on ${group.curve}`, () => {
    using polynomial = drawPolynomial(group, 3, seeded("lagrange"));
    for (const identifiers of [[1, 2, 3], [2, 9, 16], [16, 4, 5]]) {
      const terms = identifiers.map((x) => lagrange(group, x, identifiers) * polynomial.share(x));
      assert.equal(group.reduce(terms.reduce((sum, term) => sum + term, 0n)), polynomial.secret);
    }
  });

  Deno.test(`inverse() times its argument is 1 on ${group.curve}, and of 0 it is 0`, () => {
    for (const scalar of [1n, 2n, group.order - 1n, -5n]) {
      assert.equal(group.reduce(scalar * inverse(group, scalar)), 1n);
    }
    assert.equal(inverse(group, 0n), 0n);
  });
}

for (const group of bothCurves) {
  /** A sharing of n shares with this threshold. */
  const sharing = (threshold: number, n: number, seed = "sharing") => {
    using polynomial = drawPolynomial(group, threshold, seeded(seed));
    const shares = Array.from({ length: n }, (_, i) => group.multiplyBase(polynomial.share(i + 1)));
    return {
      threshold,
      publicKey: group.encodeElement(polynomial.commitment[0]!),
      verifyingShares: shares.map((share) => group.encodeElement(share)),
    };
  };

  Deno.test(`isOneSharing() takes the shares of one polynomial on ${group.curve}, however many`, () => {
    for (const [t, n] of [[1, 1], [2, 2], [2, 5], [3, 3], [3, 4], [16, 16]] as const) {
      assert.ok(isOneSharing(group, sharing(t, n)), `${t} of ${n}`);
    }
  });

  Deno.test(`isOneSharing() takes no share of another polynomial on ${group.curve}, whichever it is`, () => {
    const [good, other] = [sharing(3, 5), sharing(3, 5, "other")];
    for (let i = 0; i < 5; i++) {
      const verifyingShares = good.verifyingShares.with(i, other.verifyingShares[i]!);
      assert.equal(isOneSharing(group, { ...good, verifyingShares }), false, `share ${i + 1}`);
    }
    const [first, second, ...rest] = good.verifyingShares;
    assert.equal(isOneSharing(group, { ...good, verifyingShares: [second!, first!, ...rest] }), false);
    assert.equal(isOneSharing(group, { ...good, publicKey: other.publicKey }), false);
  });

  Deno.test(`isOneSharing() takes no other threshold on ${group.curve} than that of the polynomial`, () => {
    const good = sharing(3, 5);
    assert.equal(isOneSharing(group, { ...good, threshold: 2 }), false, "too low");
    assert.equal(isOneSharing(group, { ...good, threshold: 0 }), false);
    assert.equal(isOneSharing(group, { ...good, threshold: -1 }), false);
    assert.equal(isOneSharing(group, { ...good, threshold: 6 }), false, "more than there are shares");
    assert.equal(isOneSharing(group, { ...good, verifyingShares: good.verifyingShares.slice(0, 2) }), false);
    assert.equal(isOneSharing(group, { ...good, verifyingShares: [] }), false);
  });

  Deno.test(`isOneSharing() is false for bytes that are no elements of ${group.curve}`, () => {
    const good = sharing(2, 3);
    for (const bad of [new Uint8Array(), new Uint8Array(40), good.publicKey.subarray(1)]) {
      assert.equal(isOneSharing(group, { ...good, publicKey: bad }), false);
      assert.equal(
        isOneSharing(group, { ...good, verifyingShares: good.verifyingShares.with(2, bad) }),
        false,
      );
    }
  });
}
