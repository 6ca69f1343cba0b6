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
  },
  "declined": {
    names: "claims",
    checkedBy: "nobody",
    remedy: "fix",
    key: "safe",
    what: "{by} refused to take part.",
    next: "Ask {by}, or choose other peers.",
  },
} as const satisfies FailureRows;
