/**
 * The warnings: oddities that end nothing.
 * @module
 */
import type { WarningCode } from "./row.ts";

/** One row of {@linkcode warnings}. */
export interface WarningRow {
  /** Follows a count: “47 …”. */
  readonly what: string;
  /** The sentence about what to do, if there is anything to do. */
  readonly next?: string;
}

/** The table of warnings. */
export const warnings: Readonly<Record<WarningCode, WarningRow>> = {
  "clock-difference": {
    what: "messages were more than two minutes off this node's clock",
    next: "Set both clocks right, by a time server.",
  },
  "unauthentic-frame": { what: "frames were dropped: nobody in the roster signed them" },
  "foreign-frame": { what: "frames were dropped: their sender is not in the session" },
  "unknown-session": { what: "frames were dropped: there is no such session" },
  "replayed-frame": { what: "frames were dropped: they came before" },
  "late-message": { what: "messages came after their session was over" },
  "oversized-frame": { what: "frames were dropped: they are too long" },
  "rejected-hello": { what: "hellos were dropped: old or of another identity" },
};
