/**
 * The failures in which a peer broke the protocol, and this node saw it.
 * @module
 */
import type { FailureRows } from "./row.ts";

const culprits = { names: "culprits", checkedBy: "anyone", remedy: "exclude", key: "safe" } as const;

export const culpritFailures = {
  "malformed-message": {
    ...culprits,
    what: "{culprits} sent a message that does not decode.",
    next: "{Act} without {culprits}; their software may be of another version.",
    mpcium: "ERROR_MSG_VALIDATION",
    threat: "MSG_MALFORMED",
  },
  "unexpected-round": {
    ...culprits,
    what: "{culprits} sent a message of a round that does not exist or is not due.",
    next: "{Act} without {culprits}; their software may be of another version.",
    mpcium: "ERROR_MSG_VALIDATION",
    threat: "ROUND_VIOLATION",
  },
  "equivocation": {
    ...culprits,
    what: "{culprits} signed two messages that contradict each other.",
    next: "Look for a second copy of the node of {culprits}, and {act} without it.",
    mpcium: "ERROR_MESSAGE_VERIFICATION",
    threat: "EQUIVOCATION",
  },
  "invalid-commitment": {
    ...culprits,
    what: "{culprits} opened a commitment to another value than promised.",
    next: "{Act} without {culprits}.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "INVALID_COMMITMENT",
  },
  "invalid-proof": {
    ...culprits,
    what: "{culprits} could not prove knowledge of the secret behind a public value.",
    next: "{Act} without {culprits}.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "INVALID_PROOF",
  },
  "invalid-dealt-share": {
    ...culprits,
    checkedBy: "recipient",
    what: "{culprits} dealt a share that does not match the published commitments.",
    next: "{Act} without {culprits}.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "INVALID_SHARE",
  },
  "invalid-signature-share": {
    ...culprits,
    what: "{culprits} sent a signature share that does not verify.",
    next: "{Act} without {culprits}.",
    mpcium: "ERROR_SIGNING_FAILURE",
    threat: "INVALID_PARTIAL_SIG",
  },
  "invalid-confirmation": {
    ...culprits,
    what: "{culprits} confirmed another outcome than the one that everybody's messages lead to.",
    next: "{Act} again; if it repeats, without {culprits}.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "PK_MISMATCH",
  },
  "invalid-multiplication": {
    ...culprits,
    checkedBy: "recipient",
    remedy: "ban",
    key: "safe-if-banned",
    what: "{culprits} failed a security check by {peer} that must never be repeated.",
    next:
      "{Act} with another pair. These two can never use the key together again: make a new wallet, and move what " +
      "this one holds to it while others can still sign.",
    mpcium: "ERROR_SIGNING_FAILURE",
    threat: "OT_CONSISTENCY",
  },
} as const satisfies FailureRows;
