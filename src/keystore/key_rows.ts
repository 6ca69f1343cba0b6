/**
 * How a new key comes to last at all members or at none: a share on disk is an irrevocable yes, and a key is active
 * with the yes of all. Each step of the row that says so is a compare-and-set.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, equal, hash, list, peerId, record, uint, walletName } from "../crypto/codec.ts";
import type { Curve, KeyState } from "../events.ts";
import { SessionError, StoreError, unlessStore } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxParties, maxPreimage } from "../limits.ts";
import type { Envelope, Identity, Outcome, PublicKeyPackage } from "../ports.ts";
import { voteRound } from "../session/control.ts";
import { signEnvelope, statementOf, verifyStatement } from "../session/envelope.ts";
import type { Ballot } from "../session/plan.ts";
import { keyRows } from "./row_names.ts";

/** The round under which a member signs that it has no share and never will. */
export const noRound = "/no";

const packageRecord = record("quorate/1/public-key", {
  wallet: walletName,
  curve: v.picklist(["ed25519", "secp256k1"] satisfies Curve[]),
  epoch: uint,
  threshold: uint,
  members: list(peerId, maxParties),
  publicKey: bytesUpTo(33),
  verifyingShares: list(bytesUpTo(33), maxParties),
  chainCode: bytes(32),
});
export const encodePackage = (key: PublicKeyPackage): Uint8Array =>
  packageRecord.encode({ ...key, members: [...key.members], verifyingShares: [...key.verifyingShares] });
export const decodePackage = (encoded: Uint8Array): PublicKeyPackage => packageRecord.decode(encoded);

/**
 * How a key generation stands at one member:
 *
 * - `opened`: its session began here, and this node has not voted;
 * - `no`: it has not voted and never will, and may have said so;
 * - `pending`: the share is on disk, and with it the node's yes, for ever;
 * - `given-up`: the same, but the name is free again. The certificate makes it active all the same;
 * - `lost`: it came back out of a backup before it was active: what was said since then is not known here, so nothing
 *   is said any more. The certificate makes it active all the same;
 * - `active`: all members have voted yes;
 * - `gone`: the operator has erased it. The yes stays, the share does not.
 */
export type RowState = "opened" | "no" | "pending" | "given-up" | "lost" | "active" | "gone";

/** What is known of one key generation at one member. */
export interface KeyRow {
  state: RowState;
  /** 32 bytes. */
  session: Uint8Array;
  /** Null for `opened` and `no`. */
  key: PublicKeyPackage | null;
  /** 32 bytes; empty for `opened` and `no`. */
  transcript: Uint8Array;
  /** Sealed; empty for `opened`, `no` and `gone`. */
  share: Uint8Array;
  /** The members' signed opens, in their order, this node's left empty: who is asked for a vote is shown its own. */
  opens: readonly Uint8Array[];
  /** The votes of the members in their order, empty where none has come. All of them are the certificate. */
  votes: readonly Uint8Array[];
  /** The signed no of each member in their order, empty where it has said none. */
  nos: readonly Uint8Array[];
  /** When the session began here, ms since 1970. */
  at: number;
  /** Of the session's id, encoded: who asked for this key. Empty for `opened` and `no`. */
  preimage: Uint8Array;
}

const rowRecord = record("quorate/2/key-row", {
  state: v.picklist(
    ["opened", "no", "pending", "given-up", "lost", "active", "gone"] satisfies RowState[],
  ),
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytesUpTo(32),
  share: bytesUpTo(4096),
  opens: list(bytesUpTo(512), maxParties),
  votes: list(bytesUpTo(64), maxParties),
  nos: list(bytesUpTo(64), maxParties),
  at: uint,
  preimage: bytesUpTo(maxPreimage),
});

/** The row of a session of which there is neither a key nor a share here. */
export function rowWithout(state: "opened" | "no", session: Uint8Array, at: number): KeyRow {
  const none = new Uint8Array();
  const empty = { key: null, transcript: none, share: none, opens: [], votes: [], nos: [], preimage: none };
  return { state, session, at, ...empty };
}

/** The rows of a node by name, over whatever keeps them. */
export interface Rows {
  get(name: string): Promise<{ version: number; plain: Uint8Array } | null>;
  swap(name: string, from: number | null, plain: Uint8Array | null): Promise<boolean>;
  names(prefix: string): Promise<string[]>;
  /** Deletes a row, whatever is in it, also one that does not open. */
  erase(name: string): Promise<void>;
}

export const rowName = (session: Uint8Array): string => keyRows + session.toHex();

/** @throws {StoreError} If the row cannot be read, or is not one. */
export async function readRow(rows: Rows, name: string): Promise<{ version: number; row: KeyRow } | null> {
  const found = await rows.get(name);
  if (found === null) return null;
  try {
    const { key, ...rest } = rowRecord.decode(found.plain);
    return { version: found.version, row: { ...rest, key: key.length === 0 ? null : decodePackage(key) } };
  } catch (cause) {
    throw new StoreError(`Cannot read ${name}: it is damaged`, { cause });
  }
}

export function encodeRow(row: KeyRow): Uint8Array {
  const key = row.key === null ? new Uint8Array() : encodePackage(row.key);
  return rowRecord.encode({ ...row, key, opens: [...row.opens], votes: [...row.votes], nos: [...row.nos] });
}

/** @returns Whether the row was still as `from` says. */
export function writeRow(rows: Rows, from: number | null, row: KeyRow): Promise<boolean> {
  return rows.swap(rowName(row.session), from, encodeRow(row));
}

/** What every member signs: that it holds its share of exactly this key. */
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

export interface CommitOptions {
  rows: Rows;
  identity: Identity;
  /** Of the session's id, encoded. */
  preimage: Uint8Array;
  /** Told when the row has changed; `state`, if it is another now. */
  changed(row: KeyRow, state: KeyState | null): void;
}

/**
 * PENDING, vote, all votes, ACTIVE. The row of this session is `opened` before.
 *
 * @throws {SessionError} `store-failed` before the vote; `wallet-pending` after it, naming those who have not voted;
 * `invalid-confirmation` for who votes for another key, `equivocation` for who votes for two; `wallet-busy` if this
 * node has said no to this session meanwhile, or its operator has erased the share.
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
  const stored = <T>(work: Promise<T>) =>
    work.catch((cause) => {
      throw new SessionError("store-failed", { cause });
    });
  const opened = await stored(readRow(rows, rowName(session)));
  if (opened?.row.state !== "opened") throw new SessionError("wallet-busy");
  const opens = members.map((peer) => ballot.opens.get(peer) ?? none);
  const mine = (await signEnvelope(identity, { session, round: voteRound, to: "*", body })).signature;
  const votes = members.map((peer) => peer === identity.peer ? mine : none);
  const row: KeyRow = { ...opened.row, state: "pending", key, transcript, share, opens, votes, preimage };
  if (ballot.signal.aborted) throw ballot.signal.reason;
  if (!await stored(writeRow(rows, opened.version, row))) throw new SessionError("wallet-busy");
  ballot.pending();
  changed(row, "pending");
  ballot.cast(body);
  try {
    const others = await ballot.collect().catch((cause) => {
      // Who broke the protocol is named; in what state the key is, the event says all the same.
      if (cause instanceof SessionError && cause.culprits.length > 0) throw cause;
      throw new SessionError("wallet-pending", { missing: ballot.missing(), cause });
    });
    const wrong = [...others].filter(([, vote]) => !equal(vote.body, body)).map(([peer]) => peer);
    if (wrong.length > 0) throw new SessionError("invalid-confirmation", { culprits: wrong });
  } catch (error) {
    // What has been heard is kept: whoever says otherwise later contradicts itself.
    const kept = (row: KeyRow): KeyRow | null => {
      const votes = heard(row);
      return votes.some((vote, i) => vote !== row.votes[i]) ? { ...row, votes } : null;
    };
    await change(rows, session, kept, changed).catch(unlessStore);
    throw error;
  }
  // Whatever the row has become meanwhile: with the votes of all it is active, if its share is still there.
  const active = (row: KeyRow): KeyRow | null =>
    row.state === "active" || row.share.length === 0 ? null : { ...row, state: "active", votes: heard(row) };
  const last = await stored(change(rows, session, active, changed));
  if (last.state !== "active") throw new SessionError("wallet-busy");
  return last;

  function heard(row: KeyRow): Uint8Array[] {
    const said = ballot.votes();
    return members.map((peer, i) => {
      const vote = said.get(peer);
      return vote && equal(vote.body, body) ? vote.signature : row.votes[i]!;
    });
  }
}

const none = new Uint8Array();

/**
 * Changes the row of a session, as often as it takes until nobody else has changed it meanwhile.
 *
 * @param next What is to become of it; null for what it is.
 * @param changed Told what it has become.
 * @returns What it is then.
 * @throws {StoreError} If it cannot be read or written, or is not there.
 */
export async function change(
  rows: Rows,
  session: Uint8Array,
  next: (row: KeyRow) => KeyRow | null,
  changed: (row: KeyRow, state: KeyState | null) => void = () => {},
): Promise<KeyRow> {
  for (;;) {
    const found = await readRow(rows, rowName(session));
    if (found === null) throw new StoreError(`Cannot change ${rowName(session)}: it is not there`);
    const wanted = next(found.row);
    if (wanted === null) return found.row;
    if (!await writeRow(rows, found.version, wanted)) continue;
    changed(wanted, wanted.state === found.row.state ? null : keyState(wanted.state));
    return wanted;
  }
}

/**
 * Sessions that a copy of a disk has as opened may have come to a vote after it was made: nothing is said of them any
 * more. Rows that cannot be read say nothing either.
 *
 * @param changed Told what each has become.
 * @throws {StoreError} If rows cannot be listed or written.
 */
export async function doubtOpened(rows: Rows, changed: (row: KeyRow) => void = () => {}): Promise<void> {
  for (const name of await rows.names(keyRows)) {
    const row = (await readRow(rows, name).catch(unlessStore))?.row;
    if (row?.state !== "opened") continue;
    const lost = (row: KeyRow): KeyRow | null => row.state === "opened" ? { ...row, state: "lost" } : null;
    await change(rows, row.session, lost, changed);
  }
}

/** What is told of a row's state; null for what is none of a key's. */
function keyState(state: RowState): KeyState | null {
  return state === "opened" || state === "no" || state === "lost" ? null : state;
}

/** This node's own vote: Ed25519 is deterministic, so it is the one that was cast. 64 bytes. */
export async function voteOf(identity: Identity, row: KeyRow): Promise<Uint8Array> {
  const body = voteBody(row.key!, row.transcript);
  return (await signEnvelope(identity, { session: row.session, round: voteRound, to: "*", body })).signature;
}

/** This node's word that it has no share of that session and never will. 64 bytes. */
export async function noOf(identity: Identity, session: Uint8Array): Promise<Uint8Array> {
  return (await signEnvelope(identity, { session, round: noRound, to: "*", body: new Uint8Array() }))
    .signature;
}

/** Whether `signature` is `from`'s no to that session. */
export function isNo(
  identity: Pick<Identity, "verify">,
  session: Uint8Array,
  from: PeerId,
  signature: Uint8Array,
): Promise<boolean> {
  const envelope: Envelope = { session, round: noRound, from, to: "*", body: new Uint8Array(), signature };
  return verifyStatement(identity, statementOf(envelope));
}
