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
  /** f(identifier). @throws {RangeError} If the identifier is below 1: f(0) is the secret. */
  share(identifier: number): bigint;
}

/**
 * Draws a polynomial with `threshold` coefficients, none of them 0.
 *
 * @param secret a_0; drawn like the others if it is not given.
 */
export function drawPolynomial(
  group: Group,
  threshold: number,
  random: Random,
  secret: bigint = group.randomScalar(random),
): Polynomial {
  const drawn = Array.from({ length: threshold - 1 }, () => group.randomScalar(random));
  let coefficients: readonly bigint[] | null = [secret, ...drawn];
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
      if (x < 1n) throw new RangeError(`Cannot share: expected an identifier from 1, found ${x}`);
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

/**
 * λ_i: the Lagrange coefficient at 0 of the share at x = `identifier`, among the shares at `identifiers`, all
 * different and none of them 0 (RFC 9591 §4.2). The sum of λ_i · f(x_i) over as many shares as f has
 * coefficients is f(0).
 */
export function lagrange(group: Group, identifier: number, identifiers: readonly number[]): bigint {
  let numerator = 1n, denominator = 1n;
  for (const other of identifiers) {
    if (other === identifier) continue;
    numerator = group.reduce(numerator * BigInt(other));
    denominator = group.reduce(denominator * BigInt(other - identifier));
  }
  return group.reduce(numerator * inverse(group, denominator));
}

/** 1 / scalar for a public scalar, by Fermat, without noble's internals; 0 for 0. */
export function inverse(group: Group, scalar: bigint): bigint {
  let result = 1n, power = group.reduce(scalar);
  for (let exponent = group.order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = group.reduce(result * power);
    power = group.reduce(power * power);
  }
  return result;
}

/** The public half of a sharing. */
export interface PublicSharing {
  /** t, at least 1. */
  readonly threshold: number;
  /** The encoded public key. */
  readonly publicKey: Uint8Array;
  /** The encoded share · G of each identifier 1..n. */
  readonly verifyingShares: readonly Uint8Array[];
}

/**
 * Whether the verifying shares lie on one polynomial of degree t-1 whose value at 0 is the public key. False, never an
 * error, for fewer than t shares, and for bytes that are no elements.
 */
export function isOneSharing(
  group: Group,
  { threshold, publicKey, verifyingShares }: PublicSharing,
): boolean {
  try {
    const key = group.decodeElement(publicKey);
    const shares = verifyingShares.map((share) => group.decodeElement(share));
    if (threshold < 1 || shares.length < threshold) return false;
    // t-1 shares and the key fix the polynomial; each further share must lie on it.
    const fixed = Array.from({ length: threshold - 1 }, (_, i) => i + 1);
    return shares.slice(threshold - 1).every((_, i) => {
      const identifiers = [...fixed, threshold + i];
      const weights = identifiers.map((x) => lagrange(group, x, identifiers));
      return group.combine(identifiers.map((x) => shares[x - 1]!), weights).equals(key);
    });
  } catch {
    return false; // no elements of the group
  }
}
