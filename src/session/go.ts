/**
 * The go of a session: what it says, and what two that differ prove.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import type { Identity } from "../ports.ts";
import { acceptRecord, goRecord, sessionOf } from "./invite.ts";
import { readSigned, type Signed } from "./signed.ts";

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
