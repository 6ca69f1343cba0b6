/**
 * The check of FROST signature shares by anybody who has the messages.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import {
  type FrostKey,
  type FrostSuite,
  type NonceCommitment,
  verifySignatureShare,
} from "../crypto/frost.ts";
import { commitmentsPromise, signingFrost } from "../protocol/sign_frost_messages.ts";
import { ofEachUse } from "./key_use.ts";
import type { KeyUse, ShareFacts } from "./scheme.ts";

/**
 * The items, from 0, of which a signer's share does not match the commitments of all (RFC 9591 §5.4), which the
 * accepts carry, or promise.
 *
 * @param keyFor The key that signs for a use, after whatever the scheme makes of the one in `facts`.
 * @throws {Error} If a message does not decode, or commitments are not the promised ones.
 */
export function wrongFrostShares(
  suite: FrostSuite,
  keyFor: (use: KeyUse) => FrostKey,
  facts: ShareFacts,
): number[] {
  const { items, identifier } = facts;
  const commitments = commitmentsIn(suite, facts);
  const shares = signingFrost(suite, items.length).rounds.share.codec.decode(facts.shares);
  const keyForUse = ofEachUse(keyFor);
  return items.flatMap((item, i) => {
    const ofItem = new Map([...commitments].map(([signer, all]) => [signer, all[i]!]));
    const signing = { key: keyForUse(item), commitments: ofItem, message: item.payload };
    return verifySignatureShare(suite, signing, identifier, shares[i]!) ? [] : [i];
  });
}

/** Everyone's commitments by identifier, in the order of the items. @throws {Error} */
function commitmentsIn(
  suite: FrostSuite,
  { attempt, items, firstRound, commitments }: ShareFacts,
): ReadonlyMap<number, readonly NonceCommitment[]> {
  const single = items.length === 1;
  const { rounds } = signingFrost(suite, items.length);
  return new Map([...firstRound].map(([signer, accepted]) => {
    if (single) return [signer, [suite.nonceCommitment.decode(accepted)]];
    const shown = commitments.get(signer);
    if (shown === undefined) throw new TypeError("Cannot check shares: commitments are missing");
    const read = rounds.commit.codec.decode(shown);
    const promise = commitmentsPromise(suite, attempt, signer, read);
    if (!equal(suite.promise.decode(accepted).promise, promise)) {
      throw new TypeError("Cannot check shares: commitments are not the promised ones");
    }
    return [signer, read];
  }));
}
