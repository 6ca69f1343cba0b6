/**
 * The messages of a coordinator and its invited members before a session is open, the ids that follow from them,
 * and what two gos that differ prove.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, equal, hash, list, peerId, record, uint } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import { maxAccept, maxCommandFrame, maxFirstRound, maxSessionParty } from "../limits.ts";
import type { Identity } from "../ports.ts";
import { failureCode } from "./control.ts";
import { readSigned, type Signed } from "./signed.ts";

/** The invite: everything that a session will depend on, signed by the coordinator. */
export const inviteRecord = record("quorate/4/invite", {
  /** The initiator's signed command, as it came. */
  command: bytesUpTo(maxCommandFrame),
  /** Sorted. */
  party: v.pipe(list(peerId, maxSessionParty), v.minLength(2)),
  rosterVersion: uint,
  rosterHash: bytes(32),
  /** The id of the key that signs, or is dealt anew; empty for a key generation. */
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
  peers: list(peerId, maxSessionParty),
});

/** The notice that a person is being asked. */
export const askingRecord = record("quorate/1/asking", { attempt: bytes(32) });

/** The yes of that person. It is no accept: that is given to a fresh invite, when all have said yes. */
export const consentedRecord = record("quorate/3/consented", { attempt: bytes(32) });

/** The coordinator's go, signed: all signed accepts, in the order of the party. */
export const goRecord = record("quorate/4/go", {
  attempt: bytes(32),
  accepts: list(bytesUpTo(maxAccept), maxSessionParty),
});

/** The id of one attempt of a command: the hash of the signed invite. 32 bytes. */
export function attemptOf(signedInvite: Uint8Array): Uint8Array {
  return hash("quorate/1/attempt", signedInvite);
}

/** The id of an opened session: the hash of the signed invite and all signed accepts, in order. 32 bytes. */
export function sessionOf(signedInvite: Uint8Array, signedAccepts: readonly Uint8Array[]): Uint8Array {
  return hash("quorate/1/session", signedInvite, ...signedAccepts);
}

export type Accept = ReturnType<typeof acceptRecord.decode>;

/** One attempt, as everyone who was invited knows it. */
export interface Attempt {
  /** 32 bytes. */
  readonly attempt: Uint8Array;
  /** The coordinator's signed invite, encoded. */
  readonly invite: Uint8Array;
  readonly coordinator: PeerId;
  /** Sorted. */
  readonly party: readonly PeerId[];
}

/** A go that is the coordinator's, with an accept of every member. */
export interface Go {
  /** As it was signed. */
  readonly encoded: Uint8Array;
  /** The session that it opens, 32 bytes. */
  readonly session: Uint8Array;
  /** In the order of the party. */
  readonly accepts: readonly Signed<Accept>[];
}

/** Reads the go of an attempt; null if it is not the coordinator's, or an accept is missing or wrong. */
export async function readGo(
  identity: Pick<Identity, "verify">,
  encoded: Uint8Array,
  { attempt, invite, coordinator, party }: Attempt,
): Promise<Go | null> {
  const go = await readSigned(identity, goRecord, encoded);
  if (go?.by !== coordinator || !equal(go.value.attempt, attempt)) return null;
  const accepts = await readAccepts(identity, go.value.accepts, { attempt, party });
  return accepts && { encoded, session: sessionOf(invite, go.value.accepts), accepts };
}

/** Reads the accepts of an attempt, in the order of its party; null if one is missing or wrong. */
export async function readAccepts(
  identity: Pick<Identity, "verify">,
  encoded: readonly Uint8Array[],
  { attempt, party }: Pick<Attempt, "attempt" | "party">,
): Promise<Signed<Accept>[] | null> {
  if (encoded.length !== party.length) return null;
  const read = await Promise.all(encoded.map((accept) => readSigned(identity, acceptRecord, accept)));
  const good = read.every((accept, i) => accept?.by === party[i] && equal(accept!.value.attempt, attempt));
  return good ? read as Signed<Accept>[] : null;
}

/** Everyone's first round, from the accepts, by peer. */
export function firstRoundOf(accepts: readonly Signed<Accept>[]): ReadonlyMap<PeerId, Uint8Array> {
  return new Map(accepts.map(({ by, value }) => [by, value.firstRound]));
}

/** The members that have signed two different accepts of one attempt in one boot. */
export function acceptedTwice(one: Go, other: Go): PeerId[] {
  return one.accepts.flatMap(({ by, value }, i) => {
    const second = other.accepts[i]!.value;
    return equal(value.boot, second.boot) && !sameAccept(value, second) ? [by] : [];
  });
}

const sameAccept = (one: Accept, other: Accept): boolean =>
  equal(acceptRecord.encode(one), acceptRecord.encode(other));
