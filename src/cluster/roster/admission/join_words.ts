/**
 * The digest that the four words of joining are made of: a short authentication string (Vaudenay, CRYPTO
 * 2005).
 *
 * The joiner commits to a nonce, the admitting side sends its own, and the joiner reveals. Neither side can
 * choose the words or search for them: the joiner is bound before it sees the other nonce, and the other
 * nonce is sent before the joiner's is known. So 44 bits are enough: an impostor has one chance in 2^44 each
 * time it asks.
 * @module
 */
import { equal, hash } from "../../../crypto/codec.ts";
import type { PeerId } from "../../../failure.ts";
import { tokenHash } from "./invites.ts";

/** The length of a nonce, bytes. */
export const joinNonceLength = 32;

/** The two peers of a request to join, the cluster and the token. */
export interface Joining {
  /** The cluster's id. */
  readonly cluster: PeerId;
  /** The peer that holds the admin key, as the connection has proven. */
  readonly admin: PeerId;
  /** The peer that asks, as the connection has proven. */
  readonly joiner: PeerId;
  /** The token of the invitation, 16 bytes. */
  readonly token: Uint8Array;
}

/** The commitment of the joiner, 32 bytes. It hides the nonce, and no other peer can use it. */
export function joinCommitment(
  nonce: Uint8Array,
  { admin, joiner }: Pick<Joining, "admin" | "joiner">,
): Uint8Array {
  return hash("quorate/3/join-commitment", nonce, joiner, admin);
}

/** Whether `nonce` is the one that the joiner committed to. */
export function opensCommitment(
  commitment: Uint8Array,
  nonce: Uint8Array,
  parties: Pick<Joining, "admin" | "joiner">,
): boolean {
  return equal(joinCommitment(nonce, parties), commitment);
}

/**
 * The digest, 32 bytes, that both sides show as four words: they are the same at both only if both see the
 * same peers, cluster and invitation.
 */
export function joinDigest(
  { cluster, admin, joiner, token }: Joining,
  nonces: { joiner: Uint8Array; admin: Uint8Array },
): Uint8Array {
  return hash("quorate/3/join-words", cluster, admin, joiner, tokenHash(token), nonces.joiner, nonces.admin);
}
