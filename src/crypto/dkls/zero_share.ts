/**
 * Shares of zero, new for each signature and without messages: every pair expands its seed, and one of the
 * two adds the result while the other subtracts it (DKLs23 §3.1, functionality F_Zero, from pairwise seeds).
 * @module
 */
import { hash } from "../codec.ts";
import { groups } from "../group.ts";

const group = groups.secp256k1;

/**
 * The promise of one part of a pair's seed, 32 bytes: the other part must not be chosen after seeing this
 * one.
 */
export function seedPromise(
  setup: Uint8Array,
  author: number,
  { part, salt }: { part: Uint8Array; salt: Uint8Array },
): Uint8Array {
  return hash("quorate/1/dkls/zero-share/promise", setup, author, part, salt);
}

/** A pair's seed, 32 bytes, from the parts of both, 32 bytes each. */
export function seedOf(own: Uint8Array, other: Uint8Array): Uint8Array {
  return own.map((byte, i) => byte ^ other[i]!);
}

/**
 * ζ_i, this signer's share of zero: the sum over all signers is 0.
 *
 * @param options.session 32 bytes that also bind the set of signers.
 * @param options.seeds The seed of each pair that this signer is in, by the other's identifier.
 */
export function zeroShare(
  { session, identifier, seeds }: {
    session: Uint8Array;
    identifier: number;
    seeds: ReadonlyMap<number, Uint8Array>;
  },
): bigint {
  let sum = 0n;
  for (const [other, seed] of seeds) {
    const common = group.hashToScalar(hash("quorate/1/dkls/zero-share/share", seed, session));
    sum += identifier < other ? common : group.order - common;
  }
  return group.reduce(sum);
}
