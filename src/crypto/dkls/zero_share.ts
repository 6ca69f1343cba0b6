/**
 * Shares of zero, new for each signature and without a message: every pair expands its seed, one adds it and the other
 * takes it away (DKLs23 §3.1, functionality F_Zero, from pairwise seeds).
 * @module
 */
import { hash } from "../codec.ts";
import { groups } from "../group.ts";

const group = groups.secp256k1;

/** A promise of one's part of a pair's seed: the other must not choose its own after seeing it. 32 bytes. */
export function seedPromise(
  setup: Uint8Array,
  author: number,
  { part, salt }: { part: Uint8Array; salt: Uint8Array },
): Uint8Array {
  return hash("quorate/1/dkls/zero-share/promise", setup, author, part, salt);
}

/** A pair's seed: 32 bytes, of both parts, each 32. */
export function seedOf(mine: Uint8Array, theirs: Uint8Array): Uint8Array {
  return mine.map((byte, i) => byte ^ theirs[i]!);
}

/**
 * ζ_i: over all signers, the sum of these is 0.
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
