/**
 * The commit of a new key, at all members or at none: a share on disk is an irrevocable yes, and the key is
 * active with the yes of all.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError, unlessStore } from "../errors.ts";
import type { KeyState } from "../events.ts";
import type { Identity, Outcome } from "../ports.ts";
import type { Ballot } from "../session/plan.ts";
import { voteRound } from "../session/control.ts";
import { signEnvelope } from "../session/envelope.ts";
import { change, type KeyRow, readRow, rowName, writeRow } from "./key_rows.ts";
import type { Rows } from "./rows.ts";
import { voteBody } from "./vote_signatures.ts";

export interface CommitOptions {
  rows: Rows;
  identity: Identity;
  /** The preimage of the session's id, encoded. */
  preimage: Uint8Array;
  /** Called with each row that was written, and the new state of its key; null if that is as before. */
  changed(row: KeyRow, state: KeyState | null): void;
}

const none = new Uint8Array();

/**
 * Writes the row as PENDING, votes, collects all votes, and writes it as ACTIVE. Before, the row of this
 * session is `opened`.
 *
 * @returns The active row.
 * @throws {SessionError} `store-failed` before the vote; `wallet-pending` after it, naming the members that
 * have not voted; `invalid-confirmation` for members that vote for another key, `equivocation` for members
 * that vote for two; `wallet-busy` if this node has said no to this session meanwhile, or its operator has
 * erased the share.
 */
export async function commitKey(
  { rows, identity, preimage, changed }: CommitOptions,
  session: Uint8Array,
  outcome: Outcome & { kind: "generate" },
  ballot: Ballot,
): Promise<KeyRow> {
  const { key, transcript, share } = outcome;
  const body = voteBody(key, transcript);
  const { members } = key;
  const opened = await stored(readRow(rows, rowName(session)));
  if (opened?.row.state !== "opened") throw new SessionError("wallet-busy");
  const opens = members.map((peer) => ballot.opens.get(peer) ?? none);
  const own = (await signEnvelope(identity, { session, round: voteRound, to: "*", body })).signature;
  const votes = members.map((peer) => peer === identity.peer ? own : none);
  const row: KeyRow = { ...opened.row, state: "pending", key, transcript, share, opens, votes, preimage };
  if (ballot.signal.aborted) throw ballot.signal.reason;
  if (!await stored(writeRow(rows, opened.version, row))) throw new SessionError("wallet-busy");
  ballot.pending();
  changed(row, "pending");
  ballot.cast(body);
  try {
    await allVotes(ballot, body);
  } catch (error) {
    // The votes that have come are kept: a member that says no later contradicts its vote.
    const kept = (row: KeyRow): KeyRow | null => {
      const votes = votesIn(row, body, ballot);
      return votes.some((vote, i) => vote !== row.votes[i]) ? { ...row, votes } : null;
    };
    await change(rows, session, kept, changed).catch(unlessStore);
    throw error;
  }
  // The votes of all make the row active, whatever its state is by now, if its share is still there.
  const active = (row: KeyRow): KeyRow | null =>
    row.state === "active" || row.share.length === 0
      ? null
      : { ...row, state: "active", votes: votesIn(row, body, ballot) };
  const last = await stored(change(rows, session, active, changed));
  if (last.state !== "active") throw new SessionError("wallet-busy");
  return last;
}

/** @throws {SessionError} `store-failed`, if the work on the store fails. */
function stored<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause) => {
    throw new SessionError("store-failed", { cause });
  });
}

/**
 * Resolves when all other members have voted for this very key.
 *
 * @throws {SessionError} See {@linkcode commitKey}.
 */
async function allVotes(ballot: Ballot, body: Uint8Array): Promise<void> {
  const others = await ballot.collect().catch((cause) => {
    // A member that broke the protocol is named; the key's event reports its state in any case.
    if (cause instanceof SessionError && cause.culprits.length > 0) throw cause;
    throw new SessionError("wallet-pending", { missing: ballot.missing(), cause });
  });
  const wrong = [...others].filter(([, vote]) => !equal(vote.body, body)).map(([peer]) => peer);
  if (wrong.length > 0) throw new SessionError("invalid-confirmation", { culprits: wrong });
}

/** The votes for this very key: those of the ballot, and those that are in the row already. */
function votesIn({ key, votes }: KeyRow, body: Uint8Array, ballot: Ballot): Uint8Array[] {
  const cast = ballot.votes();
  return key!.members.map((peer, i) => {
    const vote = cast.get(peer);
    return vote && equal(vote.body, body) ? vote.signature : votes[i]!;
  });
}
