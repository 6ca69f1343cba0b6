/**
 * The equations of DKLs23's signing (eprint 2023/765, Protocol 3.6), without its messages.
 *
 * With r = Σ r_i, φ = Σ φ_i and sk = Σ sk_i, the products u = r φ and v = sk φ are shared by multiplying
 * every r_i and sk_i with every χ_ij. Then s = (m φ + r_x v) / u = (m + r_x sk) / r, which is ECDSA with the
 * nonce R = r · G: φ hides r from everyone, and cancels out.
 *
 * A batch is many signatures in one session. Each has its own r_i, φ_i and χ_ij: if two had one χ, their ψ would
 * show φ - φ'.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { inverse as inverseIn, lagrange as lagrangeIn } from "../feldman.ts";
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
}

/** One signer's secrets for a batch. Leaving their scope drops them. */
export interface Nonces extends Disposable {
  /** Those of each signature. */
  readonly items: readonly Nonce[];
  /** 32 bytes that keep the promise of all R_i from being tested against guesses. */
  readonly salt: Uint8Array;
}

/** Draws the secrets of `count` signatures. */
export function drawNonces(count: number, random: Random): Nonces {
  const items = Array.from({ length: count }, () => drawNonce(random));
  return {
    items,
    salt: random(32),
    [Symbol.dispose]() {
      for (const nonce of items) nonce[Symbol.dispose]();
    },
  };
}

/** Draws the secrets of one signature. */
function drawNonce(random: Random): Nonce {
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
    [Symbol.dispose]() {
      secrets = null;
    },
  };
}

/**
 * Step 1: a signer's promise of its R_i of all signatures, in their order, 32 bytes. It covers the identifier: a
 * copied promise cannot be opened. It covers the attempt, 32 bytes: neither can a promise of another attempt. The
 * session has no id yet.
 */
export function noncePromise(
  attempt: Uint8Array,
  identifier: number,
  { commitments, salt }: { commitments: readonly Element[]; salt: Uint8Array },
): Uint8Array {
  const encoded = commitments.map(group.encodeElement);
  return hash("quorate/3/dkls/sign/nonces", attempt, identifier, salt, ...encoded);
}

/** λ_i: the Lagrange coefficient at 0 of the share at x = `identifier`, among the shares of `signers`. */
export const lagrange = (identifier: number, signers: readonly number[]): bigint =>
  lagrangeIn(group, identifier, signers);

/** 1 / scalar for a public scalar; 0 for 0. */
export const inverse = (scalar: bigint): bigint => inverseIn(group, scalar);

/** A random weight of 128 bits, for a sum of equations that stands for each of them. Never 0. */
function weight(random: Random): bigint {
  return random(16).reduce((number, byte) => (number << 8n) | BigInt(byte), 0n) || 1n;
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

/** The values that step 4 compares, for one signature with one other signer. */
export interface Multiplied {
  /** χ. */
  readonly multiplicand: bigint;
  /** d^u and d^v. */
  readonly shares: Pair;
  readonly consistency: Consistency;
}

/**
 * Step 4, for a batch: whether the other signer multiplied the values that it shows, for each signature χ R_j = d^u
 * G + Γ^u and χ pk_j = d^v G + Γ^v. All are checked as one sum, the second of each signature times a random f, both
 * times a random e of the signature. They have 128 bits, and the other signer cannot know them: a lie passes with
 * probability 2^-127. The result depends on χ, so the caller must ban after a failure; it does not tell for which
 * signature.
 */
export class ConsistencyCheck {
  readonly #random: Random;
  readonly #f: bigint;
  /** Σ e χ (R_j + f pk_j). */
  #shown = group.zero;
  /** Σ e (d^u + f d^v). */
  #shares = 0n;
  readonly #gammas: (readonly [Element, Element])[] = [];
  /** The e of each signature. That of the first is 1: a sum needs no more. */
  readonly #weights: bigint[] = [];
  #failed = false;

  constructor(random: Random) {
    this.#random = random;
    this.#f = weight(random);
  }

  /** Adds one signature. Most of the work is done here, so that a caller can pause between two. */
  add({ multiplicand, shares, consistency: { nonce, key, gammas } }: Multiplied): void {
    const e = this.#weights.length === 0 ? 1n : weight(this.#random);
    const statement = group.combine([nonce, key], [1n, this.#f]);
    if (statement.is0()) this.#failed = true;
    else this.#shown = this.#shown.add(statement.multiply(group.reduce(e * multiplicand)));
    this.#shares += e * (shares[0] + this.#f * shares[1]);
    this.#gammas.push(gammas);
    this.#weights.push(e);
  }

  /** True if it holds for all that were added. */
  holds(): boolean {
    const [gammaU, gammaV] = [0, 1].map((i) =>
      group.combine(this.#gammas.map((gammas) => gammas[i]!), this.#weights)
    );
    const claimed = group.combine([gammaU!, gammaV!], [1n, this.#f]).add(
      group.multiplyBase(group.reduce(this.#shares)),
    );
    return this.#shown.equals(claimed) && !this.#failed;
  }
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

/** A signature before it is encoded, with the values that it is checked against. All are public. */
export interface Signed {
  /** R = Σ R_j, not the identity. */
  readonly nonce: Element;
  /** x of R, modulo the order. */
  readonly rx: bigint;
  /** s, before it becomes a low s. */
  readonly s: bigint;
  /** The digest, as a scalar. */
  readonly m: bigint;
  readonly key: Element;
}

/**
 * True if all are signatures that lead back to their keys: R = (m G + r_x key) / s. That is ECDSA's verification (SEC
 * 1 §4.1.4) with the point itself instead of its x, so that the sign of s is checked too. All are checked as one sum,
 * each times a random number of 128 bits that is drawn here: a wrong one passes with probability 2^-128.
 */
export function allVerify(signatures: readonly Signed[], random: Random): boolean {
  if (signatures.some(({ rx, s }) => rx === 0n || s === 0n)) return false;
  const nonces: Element[] = [], weights: bigint[] = [];
  const keys = new Map<Element, bigint>(); // of which many signatures may have the same
  let base = 0n;
  for (const { nonce, rx, s, m, key } of signatures) {
    const e = weights.length === 0 ? 1n : weight(random);
    const scaled = group.reduce(e * inverse(s));
    nonces.push(nonce);
    weights.push(e);
    base += scaled * m;
    keys.set(key, group.reduce((keys.get(key) ?? 0n) - scaled * rx));
  }
  return group.combine([...nonces, ...keys.keys()], [...weights, ...keys.values()])
    .equals(group.multiplyBase(group.reduce(base)));
}
