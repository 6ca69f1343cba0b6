/**
 * The commit of a dealt key, at all members or at none: a share on disk is an irrevocable yes, and the key is
 * active with the yes of all. Before a key that was dealt anew comes to a vote, everyone in the party releases the
 * epoch before: its word that it gives that epoch to no other session.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError, unlessStore } from "../errors.ts";
import type { KeyState } from "../events.ts";
import type { PeerId } from "../failure.ts";
import type { Envelope, Identity, Outcome } from "../ports.ts";
import type { Ballot } from "../session/plan.ts";
import { releaseRound, voteRound } from "../session/control.ts";
import { signEnvelope } from "../session/envelope.ts";
import { change, type KeyRow, type Parent, readRow, rowName, writeRow } from "./key_rows.ts";
import type { Rows } from "./rows.ts";
import { voteBody } from "./vote_signatures.ts";

export interface CommitOptions {
  rows: Rows;
  identity: Identity;
  /** The preimage of the session's id, encoded. */
  preimage: Uint8Array;
  /** The epoch that was dealt anew; null for a new key. */
  dealtFrom: DealtFrom | null;
  /** Called with each row that was written, and the new state of its key; null if that is as before. */
  changed(row: KeyRow, state: KeyState | null): void;
}

/** An epoch that was dealt anew. */
export interface DealtFrom {
  readonly parent: Parent;
  /** In the order of the command. */
  readonly dealers: readonly PeerId[];
  /**
   * Called before this node gives its word, and before it votes.
   *
   * @throws {SessionError} `epoch-mismatch` if another session has dealt that epoch anew meanwhile.
   */
  check(): void;
}

/** The outcome of a dealing. */
export type Dealt = Outcome & { kind: "generate" | "reshare" };

const none = new Uint8Array();

/**
 * Writes the row as PENDING, votes, collects all votes, and writes it as ACTIVE. Before, the row of this
 * session is `opened`. A peer of the party that is no member of the key writes no share and casts no vote; it waits
 * for the votes of those who are.
 *
 * @returns The active row, or the row of a key that is known here.
 * @throws {SessionError} `store-failed` before the vote; `wallet-pending` after it, naming the members that
 * have not voted; `invalid-confirmation` for members that release or vote for another key, `equivocation` for members
 * that vote for two; `wallet-busy` if this node has said no to this session meanwhile, or its operator has
 * erased the share.
 */
export async function commitKey(
  options: CommitOptions,
  session: Uint8Array,
  outcome: Dealt,
  ballot: Ballot,
): Promise<KeyRow> {
  const { rows, identity, preimage, dealtFrom, changed } = options;
  const { key, transcript, share } = outcome;
  const parent = dealtFrom?.parent ?? null;
  const body = voteBody({ key, transcript, parent });
  const { members } = key;
  const opens = members.map((peer) => ballot.opens.get(peer) ?? none);
  const facts = { key, transcript, opens, preimage, parent };
  const releases = dealtFrom === null ? [] : await released(options, session, { facts, body, ballot });
  if (share === null) return await witness(options, session, { facts, releases, body, ballot });
  const own = (await signEnvelope(identity, { session, round: voteRound, to: "*", body })).signature;
  const votes = members.map((peer) => peer === identity.peer ? own : none);
  await advance(options, session, dealtFrom === null ? "opened" : "released", ballot, {
    ...facts,
    state: "pending",
    share,
    votes,
    releases,
  });
  ballot.cast(body);
  try {
    await allVotes(ballot, body);
  } catch (error) {
    await keepVotes(options, session, body, ballot);
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

/** The facts of a row about its key, whatever becomes of it. */
type Facts = Pick<KeyRow, "key" | "transcript" | "opens" | "preimage" | "parent">;

interface Commit {
  facts: Facts;
  body: Uint8Array;
  ballot: Ballot;
}

/**
 * Releases the epoch before to this session, on disk and then to everyone, and waits for the releases of all: a dealer
 * that leaves cannot be asked again.
 *
 * @returns The releases of the dealers, in their order.
 */
async function released(
  options: CommitOptions,
  session: Uint8Array,
  { facts, body, ballot }: Commit,
): Promise<Uint8Array[]> {
  const { identity, dealtFrom } = options;
  await advance(options, session, "opened", ballot, { ...facts, state: "released" });
  const own = await signEnvelope(identity, { session, round: releaseRound, to: "*", body });
  // A peer that casts no vote gives its last word here: the others may finish the key without it.
  if (!facts.key!.members.includes(identity.peer)) ballot.pending();
  const others = await ballot.release(body);
  throwIfOther(others, body);
  return dealtFrom!.dealers.map((peer) =>
    peer === identity.peer ? own.signature : others.get(peer)!.signature
  );
}

/** Waits, without a share, for the votes of all members, and keeps the certificate. */
async function witness(
  options: CommitOptions,
  session: Uint8Array,
  { facts: { key }, releases, body, ballot }: Commit & { releases: readonly Uint8Array[] },
): Promise<KeyRow> {
  const { rows, changed } = options;
  const votes = key!.members.map(() => none);
  // The certificate may have come before the last release: then it is complete.
  const waiting = (row: KeyRow): KeyRow | null =>
    row.state === "released" ? { ...row, releases, votes } : null;
  await stored(change(rows, session, waiting, changed));
  try {
    await allVotes(ballot, body);
  } catch (error) {
    await keepVotes(options, session, body, ballot);
    throw error;
  }
  const known = (row: KeyRow): KeyRow | null =>
    row.state === "known" ? null : { ...row, state: "known", votes: votesIn(row, body, ballot) };
  return await stored(change(rows, session, known, changed));
}

/** Writes the next state of a row that is still in the one before. */
async function advance(
  { rows, dealtFrom, changed }: CommitOptions,
  session: Uint8Array,
  from: "opened" | "released",
  ballot: Ballot,
  next: Partial<KeyRow> & Pick<KeyRow, "state">,
): Promise<void> {
  const found = await stored(readRow(rows, rowName(session)));
  if (found?.row.state !== from) throw new SessionError("wallet-busy");
  const row: KeyRow = { ...found.row, ...next };
  if (ballot.signal.aborted) throw ballot.signal.reason;
  dealtFrom?.check();
  if (!await stored(writeRow(rows, found.version, row))) throw new SessionError("wallet-busy");
  const isPending = row.state === "pending";
  if (isPending) ballot.pending();
  changed(row, isPending ? "pending" : null);
}

/** Keeps the votes that have come: a member that says no later contradicts its vote. */
async function keepVotes(
  { rows, changed }: CommitOptions,
  session: Uint8Array,
  body: Uint8Array,
  ballot: Ballot,
): Promise<void> {
  const kept = (row: KeyRow): KeyRow | null => {
    const votes = votesIn(row, body, ballot);
    return votes.some((vote, i) => vote !== row.votes[i]) ? { ...row, votes } : null;
  };
  await change(rows, session, kept, changed).catch(unlessStore);
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
  throwIfOther(others, body);
}

/** @throws {SessionError} `invalid-confirmation`, naming everyone who has signed another body. */
function throwIfOther(signed: ReadonlyMap<PeerId, Envelope>, body: Uint8Array): void {
  const culprits = [...signed].filter(([, one]) => !equal(one.body, body)).map(([peer]) => peer);
  if (culprits.length > 0) throw new SessionError("invalid-confirmation", { culprits });
}

/** The votes for this very key: those of the ballot, and those that are in the row already. */
function votesIn({ key, votes }: KeyRow, body: Uint8Array, ballot: Ballot): Uint8Array[] {
  const cast = ballot.votes();
  return key!.members.map((peer, i) => {
    const vote = cast.get(peer);
    return vote && equal(vote.body, body) ? vote.signature : votes[i]!;
  });
}
