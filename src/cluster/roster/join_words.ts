/**
 * What the four words of joining are made of: a short authentication string (Vaudenay, CRYPTO 2005). The joiner commits
 * to a nonce, the admitting side sends its own, the joiner reveals. Neither side can choose or search for the words: the
 * joiner is bound before it sees the other nonce, and the other nonce is sent before the joiner's is known. So 44 bits
 * are enough: whoever wants to be taken for somebody else has one try in 2^44 each time it asks.
 * @module
 */
import { bytes, equal, hash, record } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { tokenHash } from "./invites.ts";

/** Bytes of a nonce. */
export const joinNonceLength = 32;

/** The second and last word of who asks, when a person is to be asked: what it committed to. */
export const joinReveal = record("quorate/2/join-reveal", { nonce: bytes(joinNonceLength) });

/** Who asks whom for what. */
export interface Joining {
  /** The cluster's id. */
  readonly cluster: PeerId;
  /** Who holds the admin key, as the connection has proven. */
  readonly admin: PeerId;
  /** Who asks, as the connection has proven. */
  readonly joiner: PeerId;
  /** Of the invitation, 16 bytes. */
  readonly token: Uint8Array;
}

/** What the joiner binds itself with, 32 bytes. It hides the nonce, and is nobody else's. */
export function joinCommitment(
  nonce: Uint8Array,
  { admin, joiner }: Pick<Joining, "admin" | "joiner">,
): Uint8Array {
  return hash("quorate/2/join-commitment", nonce, joiner, admin);
}

/** Whether `nonce` is what the joiner committed to. */
export function opensCommitment(
  commitment: Uint8Array,
  nonce: Uint8Array,
  parties: Pick<Joining, "admin" | "joiner">,
): boolean {
  return equal(joinCommitment(nonce, parties), commitment);
}

/** What both sides show as four words: the same at both only if both see the same peers, cluster and invitation. */
export function joinDigest(
  { cluster, admin, joiner, token }: Joining,
  nonces: { joiner: Uint8Array; admin: Uint8Array },
): Uint8Array {
  return hash("quorate/2/join-words", cluster, admin, joiner, tokenHash(token), nonces.joiner, nonces.admin);
}
