/**
 * The effect of the other members' votes on this node's row of a key: a yes, a no, a certificate. A no frees
 * the name and destroys nothing, however many there are: a member whose disk went back unnoticed may vote no
 * too, beside a cheater.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Envelope, Identity } from "../ports.ts";
import { certified, isNo, noRound, voteBody } from "./vote_signatures.ts";
import { isWitnessed, type KeyRow } from "./key_rows.ts";
import { voteRound } from "../session/control.ts";
import { encodeEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";

/** A member's signed vote about a session. */
export interface SignedVote {
  by: PeerId;
  vote: "yes" | "no";
  /** 64 bytes. */
  signature: Uint8Array;
}

/** A member that has signed a yes and a no to the same session. */
export interface Contradiction {
  culprit: PeerId;
  /** The two signed envelopes, encoded: the yes and the no. */
  evidence: readonly [Uint8Array, Uint8Array];
}

const none = new Uint8Array();
const isThere = (votes: readonly Uint8Array[], at: number) => (votes[at] ?? none).length > 0;

/** Whether a vote is of a member of the row's key, and signed by it. */
export async function isSigned(
  identity: Pick<Identity, "verify">,
  row: KeyRow,
  { by, vote, signature }: SignedVote,
): Promise<boolean> {
  const { session, key } = row;
  if (!key?.members.includes(by)) return false;
  if (vote === "no") return await isNo(identity, session, by, signature);
  const body = voteBody(row);
  return await verifyStatement(
    identity,
    statementOf({ session, round: voteRound, from: by, to: "*", body, signature }),
  );
}

/** The row after a member's vote that {@linkcode isSigned}; null if it changes nothing. */
export function afterVote(
  row: KeyRow,
  self: PeerId,
  { by, vote, signature }: SignedVote,
): KeyRow | null {
  const { members } = row.key!;
  const at = members.indexOf(by);
  const votes = vote === "yes" ? row.votes : row.nos;
  if (by === self || isThere(votes, at)) return null;
  const more = members.map((_, i) => i === at ? signature : votes[i] ?? none);
  return vote === "yes" ? afterYes({ ...row, votes: more }) : afterNo({ ...row, nos: more }, at, self);
}

/**
 * A `lost` row stays: it is from a backup, and may contain a vote that was never cast. Only a certificate
 * changes it.
 */
function afterYes(row: KeyRow): KeyRow {
  const all = row.key!.members.every((_, i) => isThere(row.votes, i));
  const isOpen = (row.state === "pending" || row.state === "given-up") && row.share.length > 0;
  return all && isOpen ? { ...row, state: "active" } : row;
}

/** A member that has released an epoch, and has no share yet, says no itself, once its session is over. */
function afterNo(row: KeyRow, at: number, self: PeerId): KeyRow {
  if (isThere(row.votes, at)) return row;
  return row.state === "pending" || isWitnessed(row, self) ? { ...row, state: "given-up" } : row;
}

/** The row without its share, but with all votes: of an active key its certificate. */
export function erased(row: KeyRow): KeyRow {
  return { ...row, state: row.state === "active" ? "known" : "gone", share: none, opens: [] };
}

/**
 * The change of a row by the votes of all members; null if they are not valid. It returns null if nothing
 * changes.
 */
export async function afterCertificate(
  identity: Pick<Identity, "verify">,
  row: KeyRow,
  votes: readonly Uint8Array[],
): Promise<((row: KeyRow) => KeyRow | null) | null> {
  if (!await certified(identity, { ...row, votes })) return null;
  return (row) => {
    if (row.state === "active") return null;
    if (row.share.length > 0) return { ...row, state: "active", votes };
    return votes.every((_, i) => isThere(row.votes, i)) ? null : { ...row, votes };
  };
}

/** The members that have signed both a yes and a no, unless the row `before` shows that already. */
export function contradictions(
  before: KeyRow,
  row: KeyRow,
): Contradiction[] {
  const { session, key, votes, nos } = row;
  if (key === null) return [];
  return key.members.flatMap((from, i) => {
    const both = isThere(votes, i) && isThere(nos, i);
    if (!both || (isThere(before.votes, i) && isThere(before.nos, i))) return [];
    const common = { session, from, to: "*" };
    const yes: Envelope = {
      ...common,
      round: voteRound,
      body: voteBody(row),
      signature: votes[i]!,
    };
    const no: Envelope = { ...common, round: noRound, body: none, signature: nos[i]! };
    return [{ culprit: from, evidence: [encodeEnvelope(yes), encodeEnvelope(no)] as const }];
  });
}
