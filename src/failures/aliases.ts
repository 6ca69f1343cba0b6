/**
 * The names of failures in mpcium and in the threat catalogue. Sentences need none of them, so a program that only
 * explains does not load them.
 * @module
 */
import type { FailureCode } from "./row.ts";

/** The names of one failure elsewhere. */
export interface FailureAliases {
  /** The code of mpcium for the same failure, for people who used it. */
  readonly mpcium: string;
  /** The name of this class in the threat catalogue. */
  readonly threat: string;
}

/** The names of each failure elsewhere, by its code. */
export const failureAliases: Readonly<Record<FailureCode, FailureAliases>> = {
  "malformed-message": { mpcium: "ERROR_MSG_VALIDATION", threat: "MSG_MALFORMED" },
  "unexpected-round": { mpcium: "ERROR_MSG_VALIDATION", threat: "ROUND_VIOLATION" },
  "equivocation": { mpcium: "ERROR_MESSAGE_VERIFICATION", threat: "EQUIVOCATION" },
  "invalid-commitment": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "INVALID_COMMITMENT" },
  "invalid-proof": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "INVALID_PROOF" },
  "invalid-dealt-share": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "INVALID_SHARE" },
  "invalid-signature-share": { mpcium: "ERROR_SIGNING_FAILURE", threat: "INVALID_PARTIAL_SIG" },
  "invalid-confirmation": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "PK_MISMATCH" },
  "invalid-multiplication": { mpcium: "ERROR_SIGNING_FAILURE", threat: "OT_CONSISTENCY" },
  "unanswered": { mpcium: "ERROR_SESSION_TIMEOUT", threat: "POLICY_DENIED" },
  "round-timeout": { mpcium: "ERROR_SESSION_TIMEOUT", threat: "TIMEOUT_ROUND" },
  "peer-left": { mpcium: "ERROR_PEER_UNAVAILABLE", threat: "PEER_DISCONNECTED" },
  "not-enough-peers": { mpcium: "ERROR_NOT_ENOUGH_PARTICIPANTS", threat: "PEER_DISCONNECTED" },
  "link-lost": { mpcium: "ERROR_PEER_UNAVAILABLE", threat: "PEER_DISCONNECTED" },
  "restored": { mpcium: "ERROR_PEER_UNAVAILABLE", threat: "STORE_ROLLBACK" },
  "wallet-pending": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "KEY_PENDING" },
  "aborted-by-peer": { mpcium: "ERROR_OPERATION_ABORTED", threat: "REMOTE_ABORT" },
  "declined": { mpcium: "ERROR_OPERATION_ABORTED", threat: "POLICY_DENIED" },
  "session-mismatch": { mpcium: "ERROR_SESSION_INITIALIZATION", threat: "SESSION_MISMATCH" },
  "roster-mismatch": { mpcium: "ERROR_SESSION_INITIALIZATION", threat: "SESSION_MISMATCH" },
  "epoch-mismatch": { mpcium: "ERROR_SESSION_INITIALIZATION", threat: "SESSION_MISMATCH" },
  "result-rejected": { mpcium: "ERROR_SIGNATURE_VERIFICATION", threat: "AGG_VERIFY" },
  "cancelled": { mpcium: "ERROR_CONTEXT_CANCELLED", threat: "REMOTE_ABORT" },
  "expired": { mpcium: "ERROR_SESSION_TIMEOUT", threat: "CMD_EXPIRED" },
  "clock-skew": { mpcium: "ERROR_SESSION_TIMEOUT", threat: "CMD_EXPIRED" },
  "not-authorized": { mpcium: "ERROR_INVALID_INITIATOR_SIGNATURE", threat: "CMD_AUTH" },
  "replayed-command": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "CMD_REPLAY" },
  "id-reused": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "CMD_REPLAY" },
  "outcome-forgotten": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "CMD_REPLAY" },
  "outcome-unknown": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "CMD_REPLAY" },
  "other-coordinator": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "SESSION_DUPLICATE" },
  "unknown-wallet": { mpcium: "ERROR_KEY_NOT_FOUND", threat: "POLICY_DENIED" },
  "wallet-exists": { mpcium: "ERROR_KEY_ALREADY_EXISTS", threat: "KEY_EXISTS" },
  "wallet-busy": { mpcium: "ERROR_SESSION_DUPLICATE", threat: "SESSION_DUPLICATE" },
  "too-many-unfinished": { mpcium: "ERROR_RESOURCE_EXHAUSTED", threat: "RESOURCE_LIMIT" },
  "resharing-paused": { mpcium: "ERROR_KEYGEN_FAILURE", threat: "POLICY_DENIED" },
  "key-frozen": { mpcium: "ERROR_SIGNING_FAILURE", threat: "POLICY_DENIED" },
  "pair-quarantined": { mpcium: "ERROR_SIGNING_FAILURE", threat: "POLICY_DENIED" },
  "peer-banned": { mpcium: "ERROR_SIGNING_FAILURE", threat: "POLICY_DENIED" },
  "store-failed": { mpcium: "ERROR_STORAGE_WRITE", threat: "STORE_WRITE" },
  "store-locked": { mpcium: "ERROR_STORAGE_READ", threat: "STORE_LOCKED" },
  "share-corrupt": { mpcium: "ERROR_STORAGE_READ", threat: "STORE_CORRUPT" },
  "overloaded": { mpcium: "ERROR_RESOURCE_EXHAUSTED", threat: "RESOURCE_LIMIT" },
  "shutdown": { mpcium: "ERROR_CONTEXT_CANCELLED", threat: "SHUTDOWN" },
  "suspended": { mpcium: "ERROR_CONTEXT_CANCELLED", threat: "SHUTDOWN" },
  "internal": { mpcium: "ERROR_UNKNOWN", threat: "INTERNAL" },
};
