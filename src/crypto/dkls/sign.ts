/**
 * The equations of DKLs23's signing (eprint 2023/765, Protocol 3.6), without its messages.
 *
 * With r = Σ r_i, φ = Σ φ_i and sk = Σ sk_i, the products u = r φ and v = sk φ are shared by multiplying
 * every r_i and sk_i with every χ_ij. Then s = (m φ + r_x v) / u = (m + r_x sk) / r, which is ECDSA with the
 * nonce R = r · G: φ hides r from everyone, and cancels out.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { type Element, groups } from "../group.ts";
import type { Pair } from "./rvole.ts";

const group = groups.secp256k1;

/** One signer's secrets for one signature. Leaving their scope drops them. */
export interface Nonce extends Disposable {
  /** r_i. */
  readonly share: bigint;
  /** φ_i, the mask of the inversion. */
  readonly mask: bigint;
  /** R_i = r_i · G. */
  readonly commitment: Element;
  /** 32 bytes that keep the promise of R_i from being tested against guesses. */
  readonly salt: Uint8Array;
}

/** Draws the secrets of one signature. */
export function drawNonce(random: Random): Nonce {
  let secrets: { share: bigint; mask: bigint } | null = {
    share: group.randomScalar(random),
    mask: group.randomScalar(random),
  };
  const known = () => {
    if (secrets === null) throw new Error("Cannot use nonce: it was dropped");
    return secrets;
  };
  return {
    get share() {
      return known().share;
    },
    get mask() {
      return known().mask;
    },
    commitment: group.multiplyBase(secrets.share),
    salt: random(32),
    [Symbol.dispose]() {
      secrets = null;
    },
  };
}

/**
 * Step 1: a signer's promise of R_i, 32 bytes. It covers the identifier: a copied promise cannot be opened. It
 * covers the attempt, 32 bytes: neither can a promise of another attempt. The session has no id yet.
 */
export function noncePromise(
  attempt: Uint8Array,
  identifier: number,
  { commitment, salt }: { commitment: Element; salt: Uint8Array },
): Uint8Array {
  return hash("quorate/2/dkls/sign/nonce", attempt, identifier, group.encodeElement(commitment), salt);
}

/** λ_i: the Lagrange coefficient at 0 of the share at x = `identifier`, among the shares of `signers`. */
export function lagrange(identifier: number, signers: readonly number[]): bigint {
  let numerator = 1n, denominator = 1n;
  for (const other of signers) {
    if (other === identifier) continue;
    numerator = group.reduce(numerator * BigInt(other));
    denominator = group.reduce(denominator * BigInt(other - identifier));
  }
  return group.reduce(numerator * inverse(denominator));
}

/** 1 / scalar for a public scalar, by Fermat, without noble's internals; 0 for 0. */
export function inverse(scalar: bigint): bigint {
  let result = 1n, base = group.reduce(scalar);
  for (let exponent = group.order - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = group.reduce(result * base);
    base = group.reduce(base * base);
  }
  return result;
}

/** The values in a signer's second message that its consistency check (step 4) needs. */
export interface Consistency {
  /** R_j. */
  readonly nonce: Element;
  /** pk_j = sk_j · G. */
  readonly key: Element;
  /** Γ^u = c^u · G and Γ^v = c^v · G. */
  readonly gammas: readonly [Element, Element];
}

/**
 * Step 4: whether the other signer multiplied the values that it shows: χ R_j = d^u G + Γ^u and χ pk_j = d^v
 * G + Γ^v. Both are checked at once, the second times a random e of 128 bits: a lie passes with probability
 * 2^-128. The result depends on χ, so the caller must ban after a failure.
 */
export function gammaHolds(
  { multiplicand, shares, consistency: { nonce, key, gammas }, random }: {
    multiplicand: bigint;
    shares: Pair;
    consistency: Consistency;
    random: Random;
  },
): boolean {
  const e = random(16).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
  const statement = group.combine([nonce, key], [1n, e]);
  const claimed = group.combine(gammas, [1n, e]).add(
    group.multiplyBase(group.reduce(shares[0] + e * shares[1])),
  );
  return !statement.is0() && statement.multiply(multiplicand).equals(claimed);
}

/** A signer's results of the multiplications with one other signer. */
export interface Products {
  /** ψ_ji = φ_j - χ_ji, sent by the other signer. */
  readonly psi: bigint;
  /** c_ij, as Alice. */
  readonly asAlice: Pair;
  /** d_ij, as Bob. */
  readonly asBob: Pair;
}

/** Step 5: this signer's shares of u and of v. */
export function productShares(
  { nonce, keyShare, others }: { nonce: Nonce; keyShare: bigint; others: readonly Products[] },
): { u: bigint; v: bigint } {
  let psi = nonce.mask, u = 0n, v = 0n;
  for (const other of others) {
    psi += other.psi;
    u += other.asAlice[0] + other.asBob[0];
    v += other.asAlice[1] + other.asBob[1];
  }
  psi = group.reduce(psi);
  return { u: group.reduce(nonce.share * psi + u), v: group.reduce(keyShare * psi + v) };
}

/** Step 6: w_i = m φ_i + r_x v_i. */
export function signatureShare(digest: bigint, mask: bigint, rx: bigint, v: bigint): bigint {
  return group.reduce(digest * mask + rx * v);
}
