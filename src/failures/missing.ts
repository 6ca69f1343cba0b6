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
    what: "{missing} {was} asked whether to {act}, and did not answer in time.",
    next: "Ask {missing} to look at the screen, then try again.",
    own: "Whoever asked can ask again. Answer on this screen in time.",
  },
  "round-timeout": {
    ...missing,
    what: "{missing} did not answer in time{in round}.",
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
    what: "Too few peers were ready; {missing} could not be reached.",
    next: "Wait until they are back, or bring their nodes up.",
  },
  "outcome-unknown": {
    ...missing,
    remedy: "retry",
    what: "It is not known what came of this command: {missing} did not answer, and may have carried it out.",
    next:
      "Ask again with the same id when they are back. With another id, the same may be carried out a second time.",
  },
  "link-lost": {
    ...missing,
    remedy: "retry",
    what: "The protected link to {missing} broke.",
    next: "Try again: the link is made again automatically.",
  },
  "restored": {
    ...missing,
    remedy: "fix",
    what: "The store of {missing} is an earlier copy: restored from a backup, or set back.",
    next:
      "If it was restored, wait until it has met enough others. If it was set back, find out why, and confirm it there.",
    own:
      "If it was restored, wait until this peer has met enough others. If it was set back, find out why, and confirm it here.",
  },
  "wallet-pending": {
    ...missing,
    remedy: "retry",
    key: "pending",
    what: "“{wallet}” is not finished: {missing} did not confirm.",
    next: "Nothing to press: it finishes by itself when {missing} can be reached.",
    own: "Nothing to press: it finishes by itself when this peer can reach the others.",
    resharing: "The resharing of “{wallet}” is not finished: {missing} did not confirm.",
  },
} as const satisfies FailureRows;
