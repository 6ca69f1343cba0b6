/**
 * The messages of a coordinator and its invited members before a session is open, and the ids that follow
 * from them.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, hash, list, peerId, record, uint } from "../crypto/codec.ts";
import { maxAccept, maxCommandFrame, maxFirstRound, maxParties } from "../limits.ts";
import { failureCode } from "./control.ts";

/** The invite: everything that a session will depend on, signed by the coordinator. */
export const inviteRecord = record("quorate/3/invite", {
  /** The initiator's signed command, as it came. */
  command: bytesUpTo(maxCommandFrame),
  /** Sorted. */
  party: v.pipe(list(peerId, maxParties), v.minLength(2)),
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** The id of the key that signs; empty for a key generation. */
  keyId: bytesUpTo(32),
  /** The key's epoch; 0 for a key generation. */
  epoch: uint,
  nonce: bytes(32),
});

/** The accept: a member's yes to one attempt, good for one session. */
export const acceptRecord = record("quorate/4/accept", {
  attempt: bytes(32),
  /** The member's boot: a member that has restarted, and accepts again, has not lied. */
  boot: bytes(8),
  nonce: bytes(32),
  /** The member's first round of the protocol, in the encoding of the scheme. */
  firstRound: bytesUpTo(maxFirstRound),
});

export const declineRecord = record("quorate/1/decline", {
  attempt: bytes(32),
  code: failureCode,
  /** The peers that the code is about, if it names any. */
  peers: list(peerId, maxParties),
});

/** The notice that a person is being asked. */
export const askingRecord = record("quorate/1/asking", { attempt: bytes(32) });

/** The yes of that person. It is no accept: that is given to a fresh invite, when all have said yes. */
export const consentedRecord = record("quorate/3/consented", { attempt: bytes(32) });

/** The coordinator's go, signed: all signed accepts, in the order of the party. */
export const goRecord = record("quorate/4/go", {
  attempt: bytes(32),
  accepts: list(bytesUpTo(maxAccept), maxParties),
});

/** The id of one attempt of a command: the hash of the signed invite. 32 bytes. */
export function attemptOf(signedInvite: Uint8Array): Uint8Array {
  return hash("quorate/1/attempt", signedInvite);
}

/** The id of an opened session: the hash of the signed invite and all signed accepts, in order. 32 bytes. */
export function sessionOf(signedInvite: Uint8Array, signedAccepts: readonly Uint8Array[]): Uint8Array {
  return hash("quorate/1/session", signedInvite, ...signedAccepts);
}
