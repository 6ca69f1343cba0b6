/**
 * Feldman's verifiable secret sharing (RFC 9591 appendix C.2): the commitment to f(x) = a_0 + a_1 x + … +
 * a_{t-1} x^{t-1} is its coefficients times G, and every share f(x) can be checked against it.
 * @module
 */
import type { Random } from "../ports.ts";
import type { Element, Group } from "./group.ts";

/** A secret polynomial. Leaving its scope drops the coefficients. */
export interface Polynomial extends Disposable {
  /** a_0. */
  readonly secret: bigint;
  /** A_k = a_k · G, exactly t of them. */
  readonly commitment: readonly Element[];
  /** f(identifier). */
  share(identifier: number): bigint;
}

/** Draws a polynomial with `threshold` coefficients, none of them 0. */
export function drawPolynomial(group: Group, threshold: number, random: Random): Polynomial {
  let coefficients: readonly bigint[] | null = Array.from(
    { length: threshold },
    () => group.randomScalar(random),
  );
  const known = () => {
    if (coefficients === null) throw new Error("Cannot use polynomial: it was dropped");
    return coefficients;
  };
  return {
    get secret() {
      return known()[0]!;
    },
    commitment: coefficients.map((a) => group.multiplyBase(a)),
    share(identifier) {
      const x = BigInt(identifier);
      return known().reduceRight((sum, a) => group.reduce(sum * x + a), 0n); // Horner
    },
    [Symbol.dispose]() {
      coefficients = null;
    },
  };
}

/**
 * f(identifier) · G, computed from the commitment alone. For identifiers up to 16 the powers stay short,
 * which keeps this fast. It is the identity if the polynomial has a root there.
 */
export function publicShare(group: Group, commitment: readonly Element[], identifier: number): Element {
  const x = BigInt(identifier);
  return group.combine(commitment, commitment.map((_, k) => group.reduce(x ** BigInt(k))));
}
