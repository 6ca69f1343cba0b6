/**
 * The signatures by which a member votes about a new key: its yes to exactly that key, or its no to the
 * session.
 * @module
 */
import { hash } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import type { Envelope, Identity } from "../ports.ts";
import { releaseRound, voteRound } from "../session/control.ts";
import { signEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";
import type { KeyRow } from "./key_rows.ts";
import { encodePackage } from "./public_key_record.ts";

/** The round under which a member signs that it has no share and never will. */
export const noRound = "/no";

/** The content of a vote. */
export type Voted = Pick<KeyRow, "key" | "transcript" | "parent">;

/**
 * The body that every member signs, 32 bytes: it holds its share of exactly this key, dealt anew from exactly that
 * epoch, if it was.
 */
export function voteBody({ key, transcript, parent }: Voted): Uint8Array {
  const none = new Uint8Array();
  return hash(
    "quorate/2/vote",
    encodePackage(key!),
    transcript,
    parent?.session ?? none,
    parent?.vote ?? none,
  );
}

/**
 * Whether `signature` is the release of `from`: its word that it gives the epoch before to this session and to no
 * other, and, of a dealer, that it has found this outcome.
 */
export function isRelease(
  identity: Pick<Identity, "verify">,
  row: Voted & Pick<KeyRow, "session">,
  from: PeerId,
  signature: Uint8Array,
): Promise<boolean> {
  const body = voteBody(row);
  const { session } = row;
  return verifyStatement(
    identity,
    statementOf({ session, round: releaseRound, from, to: "*", body, signature }),
  );
}

/** Whether `votes` are the yes of all members of `key`. */
export async function certified(
  identity: Pick<Identity, "verify">,
  { session, key, transcript, votes, parent }: Voted & Pick<KeyRow, "session" | "votes">,
): Promise<boolean> {
  if (key === null || votes.length !== key.members.length) return false;
  const body = voteBody({ key, transcript, parent });
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

/**
 * This node's own yes, 64 bytes. Ed25519 is deterministic, so it is the vote that was cast.
 *
 * @throws {Error} If it never was: there is no share, and none was erased.
 */
export async function voteOf(identity: Identity, row: KeyRow): Promise<Uint8Array> {
  if (row.share.length === 0 && row.state !== "gone") {
    throw new Error(`Cannot vote for a key without its share: the row is ${row.state}`);
  }
  const body = voteBody(row);
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
