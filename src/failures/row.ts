/**
 * The codes of failures, and the row that each has.
 * @module
 */

/** A stable name for one way to fail. Switch on it. */
export type FailureCode =
  | "malformed-message"
  | "unexpected-round"
  | "equivocation"
  | "invalid-commitment"
  | "invalid-proof"
  | "invalid-dealt-share"
  | "invalid-signature-share"
  | "invalid-confirmation"
  | "invalid-multiplication"
  | "unanswered"
  | "round-timeout"
  | "peer-left"
  | "not-enough-peers"
  | "link-lost"
  | "restored"
  | "wallet-pending"
  | "aborted-by-peer"
  | "declined"
  | "session-mismatch"
  | "roster-mismatch"
  | "epoch-mismatch"
  | "result-rejected"
  | "cancelled"
  | "expired"
  | "clock-skew"
  | "not-authorized"
  | "replayed-command"
  | "unknown-wallet"
  | "wallet-exists"
  | "wallet-busy"
  | "too-many-unfinished"
  | "key-frozen"
  | "pair-quarantined"
  | "peer-banned"
  | "store-failed"
  | "store-locked"
  | "share-corrupt"
  | "overloaded"
  | "shutdown"
  | "suspended"
  | "internal";

/** What may be done next. Advice; nothing retries by itself. */
export type Remedy =
  | "retry" // same peers, new session
  | "exclude" // without the named peers
  | "ban" // never again with the named peers: retrying would leak key material
  | "fix" // the request, or this node's set-up, was wrong
  | "stop"; // this node is wrong

/** What a failure means for the key it was about. */
export type KeySafety =
  | "safe" // nothing was learned, nothing was changed
  | "safe-if-banned" // safe as long as the named pair never tries again
  | "pending" // this node's share is on disk; the others have not all confirmed
  | "no-key"; // no key was made

/** Whom a code speaks of. */
export type Names = "culprits" | "missing" | "claims" | "nobody";

/** One row of {@linkcode failures}. */
export interface FailureRow {
  /** Which of the failure's lists this code fills. Only `culprits` accuses. */
  readonly names: Names;
  /** Who can repeat the check that failed: anyone with the signed messages, only their recipient, or nobody. */
  readonly checkedBy: "anyone" | "recipient" | "nobody";
  /** What may be done next. */
  readonly remedy: Remedy;
  /** What it means for the key. */
  readonly key: KeySafety;
  /** What happened, in the past tense. `{…}` is filled with names that this node gave. */
  readonly what: string;
  /** What to do next. */
  readonly next: string;
  /** The same for whoever the failure speaks of, where that is another thing. */
  readonly own?: string;
  /** The code that mpcium would have shown, for those who come from there. */
  readonly mpcium: string;
  /** The name of this class in the threat catalogue. */
  readonly threat: string;
}

/** Some rows of the table. */
export type FailureRows = Readonly<Partial<Record<FailureCode, FailureRow>>>;
