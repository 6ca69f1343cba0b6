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
    what: "The peers did not agree on what to do, so no secret was used.",
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
    what: "The peers know different epochs of {wallet}: it was reshared.",
    next: "Try again in a moment.",
  },
  "result-rejected": {
    ...nobody,
    remedy: "stop",
    what: "The result did not verify, though every part did.",
    next: "Look at the log of {peer}, and report it.",
  },
  "cancelled": {
    ...nobody,
    remedy: "retry",
    what: "Whoever asked cancelled the session.",
    next: "Nothing to do.",
  },
  "expired": {
    ...nobody,
    remedy: "retry",
    what: "The command expired before there was an outcome.",
    next: "Ask again. A late result is still shown.",
  },
  "clock-skew": {
    ...nobody,
    remedy: "fix",
    what:
      "The clocks of {peer} and of whoever asked are more than two minutes apart, or one was ahead before.",
    next: "Set both clocks right, by a time server, then ask again.",
  },
  "not-authorized": {
    ...nobody,
    remedy: "fix",
    what: "Whoever asked has no right to this, or the command's signature is wrong.",
    next: "Check the rights in the roster.",
  },
  "replayed-command": {
    ...nobody,
    remedy: "fix",
    what: "This command was carried out before, and its outcome is not known here.",
    next: "Ask for its outcome when more peers are there: one may know it. It is not carried out twice.",
  },
  "id-reused": {
    ...nobody,
    remedy: "fix",
    what: "The id of this command was used before, for another.",
    next: "Ask with another id: this one is for the earlier command's outcome.",
  },
  "outcome-forgotten": {
    ...nobody,
    remedy: "fix",
    what: "This command was carried out so long ago that its outcome is no longer kept.",
    next: "Look for it in your own records, and ask with another id only for what is wanted again.",
  },
  "other-coordinator": {
    ...nobody,
    remedy: "retry",
    what: "Another peer in the command's list carries it out, or still can.",
    next: "Ask for its outcome, or again with the same id.",
  },
  "unknown-wallet": {
    ...nobody,
    remedy: "fix",
    what: "There is no key {wallet} of this scheme here.",
    next: "Check the name and the scheme.",
  },
  "wallet-exists": {
    ...nobody,
    remedy: "fix",
    what: "There is already a key {wallet} of this scheme.",
    next: "Choose another name.",
  },
  "wallet-busy": {
    ...nobody,
    remedy: "retry",
    what: "A key for {wallet} is still being made or reshared.",
    next:
      "Wait until it is done. If a member is lost for good, give it up there: “keys give-up” on the command line.",
  },
  "too-many-unfinished": {
    ...nobody,
    remedy: "fix",
    what: "{peer} keeps the shares of as many unfinished keys as it may.",
    next: "Erase there what was given up and is not needed, then ask again.",
  },
  "resharing-paused": {
    ...nobody,
    remedy: "fix",
    what: "{peer} reshares {wallet} no more today: somebody cheated three times.",
    next: "Leave out whoever those failures name. Try again tomorrow, or once the key is unfrozen there.",
  },
  "key-frozen": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has frozen {wallet}: too many signatures with it failed in the last step.",
    next:
      "Sign without {peer}. Find out who made them fail, then have the key unfrozen there, or reshare the key " +
      `without that one: ${byResharing}. The key and its addresses stay.`,
  },
  "pair-quarantined": {
    ...nobody,
    remedy: "exclude",
    what:
      "Two of the chosen peers do not use {wallet} together for now: their signatures failed in the last step.",
    next:
      "Choose others. Find out who made them fail, then have the pair released at {peer}, or reshare the key " +
      `without that one: ${byResharing}.`,
  },
  "peer-banned": {
    ...nobody,
    remedy: "exclude",
    key: "safe-if-banned",
    what: "Two of the chosen peers must not use {wallet} together any more.",
    next:
      "Choose others. That pair can never use the present shares together again: reshare the key, without the one whose " +
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
    next: "Ask the person at {peer} to unlock them, then try again; or choose others.",
    own: "Unlock them with the passphrase or passkey, then try again.",
  },
  "share-corrupt": {
    ...nobody,
    remedy: "stop",
    what: "The share at {peer} is not the one it was given.",
    next: "Restore it from a backup.",
  },
  "overloaded": {
    ...nobody,
    remedy: "retry",
    what: "{peer} has too much to do.",
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
    what: "{peer} was suspended: its page was frozen, or its machine slept.",
    next: "Try again, and keep its page in front until it is done.",
  },
  "internal": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has a bug.",
    next: "Look at the log of {peer}, and report it.",
  },
} as const satisfies FailureRows;
