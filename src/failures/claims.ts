/**
 * The failures that another peer reports.
 * @module
 */
import type { FailureRows } from "./row.ts";

const claims = { names: "claims", checkedBy: "nobody", key: "safe" } as const;

export const claimFailures = {
  "aborted-by-peer": {
    ...claims,
    remedy: "retry",
    what: "{by} ended the session.",
    next: "Try again, or without {by}.",
  },
  "declined": {
    ...claims,
    remedy: "fix",
    what: "{by} said no.",
    next: "Ask {by} why, or choose other peers.",
    own: "Nothing to do. Whoever asked can ask again.",
  },
} as const satisfies FailureRows;
