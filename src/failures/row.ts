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
  | "id-reused"
  | "outcome-forgotten"
  | "outcome-unknown"
  | "other-coordinator"
  | "unknown-wallet"
  | "wallet-exists"
  | "wallet-busy"
  | "too-many-unfinished"
  | "key-frozen"
  | "resharing-paused"
  | "pair-quarantined"
  | "peer-banned"
  | "store-failed"
  | "store-locked"
  | "share-corrupt"
  | "overloaded"
  | "shutdown"
  | "suspended"
  | "internal";

/** A stable name for one kind of warning. */
export type WarningCode =
  | "clock-difference"
  | "unauthentic-frame"
  | "foreign-frame"
  | "unknown-session"
  | "replayed-frame"
  | "late-message"
  | "oversized-frame"
  | "rejected-hello";

/** The advised next step. Nothing is retried automatically. */
export type Remedy =
  | "retry" // the same peers, a new session
  | "exclude" // without the named peers
  | "ban" // never again with the named peers: retrying would leak key material
  | "fix" // the request, or this node's set-up, was wrong
  | "stop"; // something is wrong with this node

/** The safety of the key after a failure. */
export type KeySafety =
  | "safe" // nothing was learned, nothing was changed
  | "safe-if-banned" // safe as long as the named pair never tries again
  | "pending" // this node's share is on disk; the others have not all confirmed
  | "no-key"; // no key was made

/** The list of a failure that a code fills. */
export type Names = "culprits" | "missing" | "claims" | "nobody";

/** One row of {@linkcode failures}. */
export interface FailureRow {
  /** The list of the failure that this code fills. Only `culprits` accuses. */
  readonly names: Names;
  /**
   * The peers that can repeat the failed check: anyone with the signed messages, only their recipient, or
   * nobody.
   */
  readonly checkedBy: "anyone" | "recipient" | "nobody";
  /** The advised next step. */
  readonly remedy: Remedy;
  /** The safety of the key. */
  readonly key: KeySafety;
  /** The sentence about what happened. `{…}` is filled with names that this node uses. */
  readonly what: string;
  /** The sentence about what to do next. */
  readonly next: string;
  /** The same for a reader that the failure names, if it differs. */
  readonly own?: string;
}

/** Some rows of the table. */
export type FailureRows = Readonly<Partial<Record<FailureCode, FailureRow>>>;
