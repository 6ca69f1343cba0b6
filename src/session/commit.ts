/**
 * How a new key comes to last at all members or at none: a share on disk is an irrevocable yes, and a key is active
 * with the yes of all. The row that says so is decided once, by compare-and-set.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, equal, hash, list, peerId, record, text, uint } from "../crypto/codec.ts";
import type { Curve, KeyState } from "../events.ts";
import { type PeerId, SessionError, StoreError } from "../failure.ts";
import { maxParties } from "../limits.ts";
import type { Envelope, Identity, Outcome, PublicKeyPackage } from "../ports.ts";
import { voteRound } from "./control.ts";
import { signEnvelope, statementOf, verifyStatement } from "./envelope.ts";
import type { Ballot } from "./plan.ts";
import { keyRows } from "./row_names.ts";

/** The round under which a member signs that it has no share and never will. */
export const noRound = "/no";

const packageRecord = record("quorate/1/public-key", {
  wallet: text(64),
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

/** What is known of one key generation at one member. */
export interface KeyRow {
  state: "pending" | "active" | "no";
  /** 32 bytes. */
  session: Uint8Array;
  key: PublicKeyPackage | null;
  /** 32 bytes; empty for `no`. */
  transcript: Uint8Array;
  /** Sealed; empty for `no`. */
  share: Uint8Array;
  /** The members' signed opens, in their order, this node's left empty: who is asked for a vote is shown its own. */
  opens: readonly Uint8Array[];
  /** The votes of all members in their order: the certificate. Empty until active. */
  votes: readonly Uint8Array[];
}

const rowRecord = record("quorate/1/key-row", {
  state: v.picklist(["pending", "active", "no"] satisfies KeyRow["state"][]),
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytesUpTo(32),
  share: bytesUpTo(4096),
  opens: list(bytesUpTo(512), maxParties),
  votes: list(bytes(64), maxParties),
});

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

/** @returns Whether the row was still as `from` says. */
export function writeRow(rows: Rows, from: number | null, row: KeyRow): Promise<boolean> {
  const key = row.key === null ? new Uint8Array() : encodePackage(row.key);
  return rows.swap(
    rowName(row.session),
    from,
    rowRecord.encode({ ...row, key, opens: [...row.opens], votes: [...row.votes] }),
  );
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
  /** Told when the row has changed. */
  changed(row: KeyRow, state: KeyState): void;
}

/**
 * PENDING, vote, all votes, ACTIVE.
 *
 * @throws {SessionError} `store-failed` before the vote; `wallet-pending` after it, naming those who have not voted;
 * `invalid-confirmation` for who votes for another key, `equivocation` for who votes for two; `wallet-busy` if this
 * session was given up meanwhile.
 */
export async function commitKey(
  { rows, identity, changed }: CommitOptions,
  session: Uint8Array,
  outcome: Outcome & { kind: "generate" },
  ballot: Ballot,
): Promise<KeyRow> {
  const { key, transcript, share } = outcome;
  const body = voteBody(key, transcript);
  const opens = key.members.map((peer) => ballot.opens.get(peer) ?? new Uint8Array());
  let row: KeyRow = { state: "pending", session, key, transcript, share, opens, votes: [] };
  if (ballot.signal.aborted) throw ballot.signal.reason;
  const durable = (from: number | null, next: KeyRow) =>
    writeRow(rows, from, next).catch((cause) => {
      throw new SessionError("store-failed", { cause });
    });
  if (!await durable(null, row)) throw new SessionError("wallet-busy");
  ballot.pending();
  changed(row, "pending");
  ballot.cast(body);
  const others = await ballot.collect().catch((cause) => {
    // Who broke the protocol is named; in what state the key is, the event says all the same.
    if (cause instanceof SessionError && cause.culprits.length > 0) throw cause;
    throw new SessionError("wallet-pending", { missing: ballot.missing(), cause });
  });
  const wrong = [...others].filter(([, vote]) => !equal(vote.body, body)).map(([peer]) => peer);
  if (wrong.length > 0) throw new SessionError("invalid-confirmation", { culprits: wrong });
  const mine = await voteOf(identity, row);
  row = { ...row, state: "active", votes: key.members.map((peer) => others.get(peer)?.signature ?? mine) };
  // Somebody's certificate may have come first; then the row is what it is to become.
  if (await durable(1, row)) changed(row, "active");
  return row;
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
