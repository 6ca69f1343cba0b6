/**
 * The messages of FROST signatures of one or more items, and the hash that binds a batch's commitments.
 *
 * The commitments of one signature fit into an accept. Those of a batch do not: its accepts carry a promise of
 * them, and they are shown once all promises are in the session's id.
 * @module
 */
import { type Codec, hash } from "../crypto/codec.ts";
import type { FrostSuite, NonceCommitment } from "../crypto/frost.ts";
import { frostBip340 } from "../crypto/frost_bip340.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { broadcast, type Round } from "./rounds.ts";

/** The rounds of FROST signatures after the first. One signature has no `commit`. */
export type SigningFrost = {
  /** A signer's commitments to its nonces, in the order of the items. */
  readonly commit: Round<readonly NonceCommitment[]>;
  /** Its signature shares, in the same order. */
  readonly share: Round<readonly Uint8Array[]>;
};

/** The suites by the id of the scheme whose signatures they make. */
export const frostSuites = { ed25519: frostEd25519, bip340: frostBip340 } as const;

/** The first round and the rounds after it of so many signatures. */
export function signingFrost(suite: FrostSuite, items: number): {
  firstRound: Codec<unknown>;
  rounds: SigningFrost;
} {
  const share = broadcast(suite.signatureShares(items));
  // One signature runs without `commit`: its type has it, so that there is one type of net.
  if (items === 1) return { firstRound: suite.nonceCommitment, rounds: { share } as SigningFrost };
  return {
    firstRound: suite.promise,
    rounds: { commit: broadcast(suite.nonceCommitments(items)), share },
  };
}

/**
 * The promise of a batch's commitments, 32 bytes. It covers attempt and identifier: a copied promise cannot be
 * kept. It has no salt: nobody can guess points that were drawn at random.
 */
export function commitmentsPromise(
  suite: FrostSuite,
  attempt: Uint8Array,
  identifier: number,
  commitments: readonly NonceCommitment[],
): Uint8Array {
  const encoded = suite.nonceCommitments(commitments.length).encode(commitments);
  return hash("quorate/1/frost/commitments-promise", attempt, identifier, encoded);
}
