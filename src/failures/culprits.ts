/**
 * The failures in which a peer broke the protocol, and this node saw it.
 * @module
 */
import { byResharing } from "./by_resharing.ts";
import type { FailureRows } from "./row.ts";

const culprits = { names: "culprits", checkedBy: "anyone", remedy: "exclude", key: "safe" } as const;

export const culpritFailures = {
  "malformed-message": {
    ...culprits,
    what: "{culprits} sent a message that does not decode.",
    next: "{Act} without {culprits}; their software may be of another version.",
  },
  "unexpected-round": {
    ...culprits,
    what: "{culprits} sent a message of a round that does not exist or is not due.",
    next: "{Act} without {culprits}; their software may be of another version.",
  },
  "equivocation": {
    ...culprits,
    what: "{culprits} signed two messages that contradict each other.",
    next: "Look for a second copy of the node of {culprits}, and {act} without it.",
  },
  "invalid-commitment": {
    ...culprits,
    what: "{culprits} opened a commitment to another value than promised.",
    next: "{Act} without {culprits}.",
  },
  "invalid-proof": {
    ...culprits,
    what: "{culprits} could not prove knowledge of the secret behind a public value.",
    next: "{Act} without {culprits}.",
  },
  "invalid-dealt-share": {
    ...culprits,
    checkedBy: "recipient",
    what: "{culprits} dealt a share that does not match the published commitments.",
    next: "{Act} without {culprits}.",
  },
  "invalid-signature-share": {
    ...culprits,
    what: "{culprits} sent a signature share that does not verify.",
    next: "{Act} without {culprits}.",
  },
  "invalid-confirmation": {
    ...culprits,
    what: "{culprits} confirmed another outcome than the one that everybody's messages lead to.",
    resharing:
      "{culprits} confirmed another key to reshare, or another outcome, than everybody's signatures lead to.",
    next: "{Act} again; if it repeats, without {culprits}.",
  },
  "invalid-multiplication": {
    ...culprits,
    checkedBy: "recipient",
    remedy: "ban",
    key: "safe-if-banned",
    what: "{culprits} failed a security check by {peer} that must never be repeated.",
    next:
      "{Act} with another pair. These two can never use these shares together again: reshare the key, without " +
      `{culprits} first of all: ${byResharing}. The key and its addresses stay.`,
  },
} as const satisfies FailureRows;
