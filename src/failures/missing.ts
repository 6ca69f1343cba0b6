/**
 * The failures in which a peer is not there. Silence proves nothing.
 * @module
 */
import type { FailureRows } from "./row.ts";

const missing = { names: "missing", checkedBy: "nobody", remedy: "exclude", key: "safe" } as const;

export const missingFailures = {
  "unanswered": {
    ...missing,
    remedy: "retry",
    what: "{missing} did not say yes or no in time.",
    next: "Ask {missing} to look at the screen, then try again.",
    own: "Whoever asked can ask again. Answer on this screen in time.",
  },
  "round-timeout": {
    ...missing,
    what: "{missing} did not answer in time{round}.",
    next: "{Act} without {missing}, or try again.",
  },
  "peer-left": {
    ...missing,
    what: "{missing} left before the session was over.",
    next: "{Act} without {missing}, or try again when they are back.",
  },
  "not-enough-peers": {
    ...missing,
    remedy: "retry",
    what: "Too few are ready: {missing} could not be reached.",
    next: "Bring their nodes up, then try again.",
  },
  "outcome-unknown": {
    ...missing,
    remedy: "retry",
    what: "{missing} did not answer in time, and may have carried out this command.",
    next: "Ask again with the same id when they are back. With another, it may be carried out twice.",
  },
  "link-lost": {
    ...missing,
    remedy: "retry",
    what: "The link to {missing} broke.",
    next: "Try again: it is made again by itself.",
  },
  "restored": {
    ...missing,
    remedy: "fix",
    what: "The store of {missing} is an earlier copy.",
    next:
      "If it was restored from a backup, wait until it has met enough others. If not, find out why, and confirm it there.",
    own:
      "If it was restored from a backup, wait until this peer has met enough others. If not, find out why, and confirm it here.",
  },
  "wallet-pending": {
    ...missing,
    remedy: "retry",
    key: "pending",
    what: "The new shares of {wallet} are not finished: {missing} did not confirm.",
    next: "Nothing to press: it finishes by itself when {missing} can be reached.",
    own: "Nothing to press: it finishes by itself when this peer can be reached.",
  },
} as const satisfies FailureRows;
