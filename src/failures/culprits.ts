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
    next: "{Act} without {culprits}; their software may differ.",
  },
  "unexpected-round": {
    ...culprits,
    what: "{culprits} sent a message of a round that is not due.",
    next: "{Act} without {culprits}; their software may differ.",
  },
  "equivocation": {
    ...culprits,
    what: "{culprits} signed two contradicting messages.",
    next: "Look at the node of {culprits}: it may run twice. {Act} without it.",
  },
  "invalid-commitment": {
    ...culprits,
    what: "{culprits} opened a commitment to another value than promised.",
    next: "{Act} without {culprits}.",
  },
  "invalid-proof": {
    ...culprits,
    what: "{culprits} sent a proof of knowledge that does not verify.",
    next: "{Act} without {culprits}.",
  },
  "invalid-dealt-share": {
    ...culprits,
    checkedBy: "recipient",
    what: "{culprits} dealt a share that does not match its commitments.",
    next: "{Act} without {culprits}.",
  },
  "invalid-signature-share": {
    ...culprits,
    what: "{culprits} sent a signature share that does not verify.",
    next: "{Act} without {culprits}.",
  },
  "invalid-confirmation": {
    ...culprits,
    what: "{culprits} confirmed something else than the messages lead to.",
    next: "{Act} again; if it repeats, without {culprits}.",
  },
  "invalid-multiplication": {
    ...culprits,
    checkedBy: "recipient",
    remedy: "ban",
    key: "safe-if-banned",
    what: "{culprits} failed a security check by {peer} that must never be repeated.",
    next:
      "{Act} with another pair. These two can never use the present shares together again: reshare the key, without " +
      `{culprits} first of all: ${byResharing}. The key and its addresses stay.`,
  },
} as const satisfies FailureRows;
