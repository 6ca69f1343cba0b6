/**
 * The failures that another peer reports.
 * @module
 */
import type { FailureRows } from "./row.ts";

export const claimFailures = {
  "aborted-by-peer": {
    names: "claims",
    checkedBy: "nobody",
    remedy: "retry",
    key: "safe",
    what: "{by} ended the session.",
    next: "Try again, or without {by}.",
    mpcium: "ERROR_OPERATION_ABORTED",
    threat: "REMOTE_ABORT",
  },
  "declined": {
    names: "claims",
    checkedBy: "nobody",
    remedy: "fix",
    key: "safe",
    what: "{by} refused to take part.",
    next: "Ask {by}, or choose other peers.",
    mpcium: "ERROR_OPERATION_ABORTED",
    threat: "POLICY_DENIED",
  },
} as const satisfies FailureRows;
