/**
 * What a coordinator and the members it asks say to each other before a session is open, and the ids that follow.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, hash, list, peerId, record, uint } from "../crypto/codec.ts";
import { maxCommandFrame, maxParties } from "../limits.ts";
import { failureCode } from "./control.ts";

/** Everything that a session will depend on, signed by the coordinator. */
export const inviteRecord = record("quorate/2/invite", {
  /** The initiator's signed command, as it came. */
  command: bytesUpTo(maxCommandFrame),
  /** Sorted. */
  party: v.pipe(list(peerId, maxParties), v.minLength(2)),
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** The session that made the key which is to be used; empty for a key generation. */
  key: bytesUpTo(32),
  /** The key's epoch; 0 for a key generation. */
  epoch: uint,
  nonce: bytes(32),
});

export const acceptRecord = record("quorate/1/accept", { attempt: bytes(32), nonce: bytes(32) });

export const declineRecord = record("quorate/1/decline", {
  attempt: bytes(32),
  code: failureCode,
  /** Whom it is about, where the code speaks of somebody. */
  peers: list(peerId, maxParties),
});

/** A person is being asked. */
export const askingRecord = record("quorate/1/asking", { attempt: bytes(32) });

/** That person has said yes. No accept: that is given to a fresh invite, when all have said yes. */
export const consentedRecord = record("quorate/2/consented", { attempt: bytes(32) });

/** The coordinator's go: all signed accepts, in the order of the party. */
export const goRecord = record("quorate/1/go", {
  attempt: bytes(32),
  accepts: list(bytesUpTo(512), maxParties),
});

/** The id of one try of a command: the hash of the signed invite. 32 bytes. */
export function attemptOf(signedInvite: Uint8Array): Uint8Array {
  return hash("quorate/1/attempt", signedInvite);
}

/** The id of an opened session: the hash of the signed invite and all signed accepts, in order. 32 bytes. */
export function sessionOf(signedInvite: Uint8Array, signedAccepts: readonly Uint8Array[]): Uint8Array {
  return hash("quorate/1/session", signedInvite, ...signedAccepts);
}
