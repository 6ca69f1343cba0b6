/**
 * The check of a FROST signature share by anybody who has the messages.
 * @module
 */
import {
  type FrostKey,
  type FrostSuite,
  type NonceCommitment,
  verifySignatureShare,
} from "../crypto/frost.ts";
import type { ShareFacts } from "./scheme.ts";

/**
 * Whether a share does not match the commitments in the accepts (RFC 9591 §5.4).
 *
 * @param key The key that signs, after whatever the scheme makes of the one in `facts`.
 * @throws {Error} If a message does not decode.
 */
export function isWrongFrostShare(
  suite: FrostSuite,
  key: FrostKey,
  { payload, commitments, identifier, share }: ShareFacts,
): boolean {
  const nonces = new Map<number, NonceCommitment>();
  for (const [signer, encoded] of commitments) nonces.set(signer, suite.nonceCommitment.decode(encoded));
  const signing = { key, commitments: nonces, message: payload };
  return !verifySignatureShare(suite, signing, identifier, suite.signatureShare.decode(share).share);
}
