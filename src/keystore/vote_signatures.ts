/**
 * The signatures by which a member votes about a new key: its yes to exactly that key, or its no to the
 * session.
 * @module
 */
import { hash } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import type { Envelope, Identity, PublicKeyPackage } from "../ports.ts";
import { voteRound } from "../session/control.ts";
import { signEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";
import type { KeyRow } from "./key_rows.ts";
import { encodePackage } from "./public_key_record.ts";

/** The round under which a member signs that it has no share and never will. */
export const noRound = "/no";

/** The body that every member signs, 32 bytes: it holds its share of exactly this key. */
export function voteBody(key: PublicKeyPackage, transcript: Uint8Array): Uint8Array {
  return hash("quorate/1/vote", encodePackage(key), transcript);
}

/** Whether `votes` are the yes of all members of `key`. */
export async function certified(
  identity: Pick<Identity, "verify">,
  { session, key, transcript, votes }: Pick<KeyRow, "session" | "key" | "transcript" | "votes">,
): Promise<boolean> {
  if (key === null || votes.length !== key.members.length) return false;
  const body = voteBody(key, transcript);
  const good = await Promise.all(
    key.members.map((from, i) =>
      verifyStatement(
        identity,
        statementOf({ session, round: voteRound, from, to: "*", body, signature: votes[i]! }),
      )
    ),
  );
  return good.every(Boolean);
}

/** This node's own yes, 64 bytes. Ed25519 is deterministic, so it is the vote that was cast. */
export async function voteOf(identity: Identity, row: KeyRow): Promise<Uint8Array> {
  const body = voteBody(row.key!, row.transcript);
  return (await signEnvelope(identity, { session: row.session, round: voteRound, to: "*", body })).signature;
}

/** This node's no, 64 bytes: it has no share of that session and never will. */
export async function noOf(identity: Identity, session: Uint8Array): Promise<Uint8Array> {
  return (await signEnvelope(identity, { session, round: noRound, to: "*", body: new Uint8Array() }))
    .signature;
}

/** Whether `signature` is the no of `from` to that session. */
export function isNo(
  identity: Pick<Identity, "verify">,
  session: Uint8Array,
  from: PeerId,
  signature: Uint8Array,
): Promise<boolean> {
  const envelope: Envelope = { session, round: noRound, from, to: "*", body: new Uint8Array(), signature };
  return verifyStatement(identity, statementOf(envelope));
}
