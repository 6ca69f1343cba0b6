/**
 * The failures in which nobody is at fault, or nobody can be named.
 * @module
 */
import { byResharing } from "./by_resharing.ts";
import type { FailureRows } from "./row.ts";

const nobody = { names: "nobody", checkedBy: "nobody", key: "safe" } as const;

export const nobodyFailures = {
  "session-mismatch": {
    ...nobody,
    remedy: "retry",
    what: "The peers did not agree on what they were about to do; they stopped before any secret was used.",
    next: "Try again.",
  },
  "roster-mismatch": {
    ...nobody,
    remedy: "fix",
    what: "The peers hold different rosters of the same version.",
    next: "Give every node the same signed roster.",
  },
  "epoch-mismatch": {
    ...nobody,
    remedy: "retry",
    what: "The peers know different epochs of “{wallet}”: it was reshared.",
    next: "Ask again in a moment: peers tell each other of the newest epoch when they meet.",
  },
  "result-rejected": {
    ...nobody,
    remedy: "stop",
    what: "The result did not verify, though every part of it did; it was thrown away.",
    next: "Report this: it should be impossible.",
  },
  "cancelled": {
    ...nobody,
    remedy: "retry",
    what: "The session was cancelled by whoever asked for it.",
    next: "Nothing to do.",
  },
  "expired": {
    ...nobody,
    remedy: "retry",
    what: "The command expired before there was an outcome.",
    next: "Ask again. Should a late result come, it is shown.",
  },
  "clock-skew": {
    ...nobody,
    remedy: "fix",
    what:
      "Two clocks are more than two minutes apart, or one of them was ahead before, so the time of this command " +
      "is not accepted.{clocks}",
    next: "Set the clocks of {peer} and of whoever asked right, by a time server, then ask again.",
  },
  "not-authorized": {
    ...nobody,
    remedy: "fix",
    what: "Whoever asked has no right to ask for this, or the command's signature is wrong.",
    next: "Check the rights in the roster.",
  },
  "replayed-command": {
    ...nobody,
    remedy: "fix",
    what: "This command was carried out before, and its outcome is not known here.",
    next:
      "Ask for its outcome again when more peers are there: one of them may have it. It is not carried out twice.",
  },
  "id-reused": {
    ...nobody,
    remedy: "fix",
    what: "The id of this command was used before, for another command.",
    next: "Ask with an id of its own. Under this one, the outcome of the earlier command can be asked for.",
  },
  "outcome-forgotten": {
    ...nobody,
    remedy: "fix",
    what: "This command was carried out before, so long ago that its outcome is not kept any more.",
    next:
      "Find out what came of it in your own records, and ask with another id only for what is wanted once more.",
  },
  "other-coordinator": {
    ...nobody,
    remedy: "retry",
    what: "Another peer of the command's list carries it out, or is still there to do so.",
    next: "Ask for its outcome, or again with the same id.",
  },
  "unknown-wallet": {
    ...nobody,
    remedy: "fix",
    what: "There is no key “{wallet}” of this scheme here.",
    next: "Check the name and the scheme.",
  },
  "wallet-exists": {
    ...nobody,
    remedy: "fix",
    what: "“{wallet}” already has a key of this scheme. It was not touched.",
    next: "Choose another name.",
  },
  "wallet-busy": {
    ...nobody,
    remedy: "retry",
    what: "A key for “{wallet}” is being made or reshared, and that is not finished yet.",
    next:
      "Wait until it is done. If a member is lost for good, give it up there: “keys give-up” on the command line.",
  },
  "too-many-unfinished": {
    ...nobody,
    remedy: "fix",
    what: "{peer} already keeps the shares of as many unfinished keys as it is allowed to.",
    next: "Erase at {peer} those that were given up and will not be needed; then ask again.",
  },
  "resharing-paused": {
    ...nobody,
    remedy: "fix",
    what: "{peer} takes part in no more resharings of “{wallet}” today: somebody cheated in three.",
    next:
      "Leave out whoever those failures name. {peer} goes on tomorrow, or once its operator has unfrozen the key there.",
  },
  "key-frozen": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has frozen “{wallet}”: too many signatures with it failed in the last step.",
    next:
      "Sign without {peer}. Find out who made them fail before the key is unfrozen there, or reshare the key " +
      `without that one: ${byResharing}. The key and its addresses stay.`,
  },
  "pair-quarantined": {
    ...nobody,
    remedy: "exclude",
    what:
      "Two of the chosen peers do not use “{wallet}” together for now: their signatures failed in the last step.",
    next:
      "Choose others. Find out why they failed, then have the pair released at {peer}, or reshare the key without " +
      `the one that failed: ${byResharing}.`,
  },
  "peer-banned": {
    ...nobody,
    remedy: "exclude",
    key: "safe-if-banned",
    what: "Two of the chosen peers must not use “{wallet}” together any more.",
    next:
      "Choose others. That pair can never use these shares together again: reshare the key, without the one whose " +
      `messages failed first of all: ${byResharing}. The key and its addresses stay.`,
  },
  "store-failed": {
    ...nobody,
    remedy: "fix",
    what: "The store of {peer} could not be read or written.",
    next: "Free the disk or mend its permissions, then try again.",
  },
  "store-locked": {
    ...nobody,
    remedy: "fix",
    what: "The shares of {peer} are locked.",
    next: "Ask the person at {peer} to unlock it there, then try again; or choose others.",
    own: "Unlock it with its passphrase or passkey, then try again.",
  },
  "share-corrupt": {
    ...nobody,
    remedy: "stop",
    what: "The share that {peer} holds is not the one it was given.",
    next: "Restore it from a backup.",
  },
  "overloaded": {
    ...nobody,
    remedy: "retry",
    what: "{peer} has as much to do as it can handle.",
    next: "Try again in a moment.",
  },
  "shutdown": {
    ...nobody,
    remedy: "retry",
    what: "{peer} is shutting down.",
    next: "Try again when it is back, or without it.",
  },
  "suspended": {
    ...nobody,
    remedy: "retry",
    what: "{peer} was suspended in the middle: its page was frozen, or its machine slept.",
    next: "Try again, and keep its page in front until it is done.",
  },
  "internal": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has a bug.",
    next: "Look at the log of {peer}, and report it.",
  },
} as const satisfies FailureRows;
