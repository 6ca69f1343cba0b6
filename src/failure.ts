/**
 * Every way a session can fail and every oddity it can survive: two tables, and the sentences made from them.
 * Prose is made here and only here; nothing ever parses it.
 * @module
 */

/** A peer's libp2p identity, as text: for Ed25519 keys, base58btc starting with `12D3Koo`. */
export type PeerId = string;

/** What a session is about. A link between two peers is a session of two. */
export type Kind = "ecdh" | "generate" | "sign" | "reshare";

/** The stations of a session, in order. */
export type Phase = "inviting" | "opening" | "exchanging" | "committing";

/** What may be done next. Advice; nothing retries by itself. */
export type Remedy =
  | "retry" // same peers, new session
  | "exclude" // without the named peers
  | "ban" // never again with the named peers: retrying would leak key material
  | "fix" // the request, or this node's set-up, was wrong
  | "stop"; // this node is wrong

/** What a failure means for the key it was about. */
export type KeySafety =
  | "safe" // nothing was learned, nothing was changed
  | "safe-if-banned" // safe as long as the named pair never tries again
  | "pending" // this node's share is on disk; the others have not all confirmed
  | "no-key"; // no key was made

/** Whom a code speaks of. */
export type Names = "culprits" | "missing" | "claims" | "nobody";

/** One row of {@linkcode failures}. */
export interface FailureRow {
  /** Which of the failure's lists this code fills. Only `culprits` accuses. */
  readonly names: Names;
  /** Who can repeat the check that failed: anyone with the signed messages, only their recipient, or nobody. */
  readonly checkedBy: "anyone" | "recipient" | "nobody";
  /** What may be done next. */
  readonly remedy: Remedy;
  /** What it means for the key. */
  readonly key: KeySafety;
  /** What happened, in the past tense. `{…}` is filled with names that this node gave. */
  readonly what: string;
  /** What to do next. */
  readonly next: string;
  /** The same for whoever the failure speaks of, where that is another thing. */
  readonly own?: string;
  /** The code that mpcium would have shown, for those who come from there. */
  readonly mpcium: string;
  /** The name of this class in the threat catalogue. */
  readonly threat: string;
}

const culprits = { names: "culprits", checkedBy: "anyone", remedy: "exclude", key: "safe" } as const;
const missing = { names: "missing", checkedBy: "nobody", remedy: "exclude", key: "safe" } as const;
const nobody = { names: "nobody", checkedBy: "nobody", key: "safe" } as const;

/**
 * The table of failures. The codes that name culprits are exactly `malformed-message`, `unexpected-round`,
 * `equivocation` and `invalid-*`.
 */
export const failures = {
  // Somebody broke the protocol, and this node saw it.
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
    what: "{culprits} sent two contradicting messages in one round.",
    next: "Look for a second copy of the node of {culprits}, and {act} without it.",
    mpcium: "ERROR_MESSAGE_VERIFICATION",
    threat: "EQUIVOCATION",
  },
  "invalid-commitment": {
    ...culprits,
    what: "{culprits} opened a commitment to something else than was promised.",
    next: "{Act} without {culprits}.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "INVALID_COMMITMENT",
  },
  "invalid-proof": {
    ...culprits,
    what: "{culprits} could not prove to know the secret behind a public value.",
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
    what: "{culprits} confirmed a different outcome than everybody's messages give.",
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

  // Somebody is not there. Silence proves nothing.
  "unanswered": {
    ...missing,
    remedy: "retry",
    what: "{missing} {was} asked whether to {act}, and did not answer in time.",
    next: "Ask {missing} to look at the screen, then try again.",
    own: "Whoever asked can ask again. Answer on this screen while it can be answered.",
    mpcium: "ERROR_SESSION_TIMEOUT",
    threat: "POLICY_DENIED",
  },
  "round-timeout": {
    ...missing,
    what: "{missing} did not answer in time{in round}.",
    next: "{Act} without {missing}, or try again.",
    mpcium: "ERROR_SESSION_TIMEOUT",
    threat: "TIMEOUT_ROUND",
  },
  "peer-left": {
    ...missing,
    what: "{missing} left before the session was over.",
    next: "{Act} without {missing}, or try again when they are back.",
    mpcium: "ERROR_PEER_UNAVAILABLE",
    threat: "PEER_DISCONNECTED",
  },
  "not-enough-peers": {
    ...missing,
    remedy: "retry",
    what: "Too few peers were ready; {missing} could not be reached.",
    next: "Wait until they are back, or bring their nodes up.",
    mpcium: "ERROR_NOT_ENOUGH_PARTICIPANTS",
    threat: "PEER_DISCONNECTED",
  },
  "link-lost": {
    ...missing,
    remedy: "retry",
    what: "The protected link to {missing} broke.",
    next: "Try again: the link is made anew by itself.",
    mpcium: "ERROR_PEER_UNAVAILABLE",
    threat: "PEER_DISCONNECTED",
  },
  "restored": {
    ...missing,
    remedy: "fix",
    what: "The store of {missing} is a former state of itself: from a backup, or set back.",
    next: "From a backup: wait until it has met enough others. Set back: find out why, and confirm it there.",
    own:
      "From a backup: wait until this peer has met enough others. Set back: find out why, and confirm it here.",
    mpcium: "ERROR_PEER_UNAVAILABLE",
    threat: "STORE_ROLLBACK",
  },
  "wallet-pending": {
    ...missing,
    remedy: "retry",
    key: "pending",
    what: "“{wallet}” is not finished: {missing} did not confirm.",
    next: "Nothing to press: it finishes by itself when {missing} can be reached.",
    own: "Nothing to press: it finishes by itself when this peer can reach the others.",
    mpcium: "ERROR_KEYGEN_FAILURE",
    threat: "KEY_PENDING",
  },

  // Somebody says so.
  "aborted-by-peer": {
    names: "claims",
    checkedBy: "nobody",
    remedy: "retry",
    key: "safe",
    what: "{by} ended the session.",
    next: "Try again, or without {by}.",
    mpcium: "ERROR_OPERATION_ABORTED",
    threat: "REMOTE_ABORT",
  },
  "declined": {
    names: "claims",
    checkedBy: "nobody",
    remedy: "fix",
    key: "safe",
    what: "{by} refused to take part.",
    next: "Ask {by}, or choose other peers.",
    mpcium: "ERROR_OPERATION_ABORTED",
    threat: "POLICY_DENIED",
  },

  // Nobody is at fault, or nobody can be named.
  "session-mismatch": {
    ...nobody,
    remedy: "retry",
    what: "The peers did not agree on what they were about to do; they stopped before any secret was used.",
    next: "Try again.",
    mpcium: "ERROR_SESSION_INITIALIZATION",
    threat: "SESSION_MISMATCH",
  },
  "roster-mismatch": {
    ...nobody,
    remedy: "fix",
    what: "The peers hold different rosters of the same version.",
    next: "Give every node the same signed roster.",
    mpcium: "ERROR_SESSION_INITIALIZATION",
    threat: "SESSION_MISMATCH",
  },
  "epoch-mismatch": {
    ...nobody,
    remedy: "fix",
    what: "The peers hold shares of “{wallet}” of different epochs.",
    next: "Bring every holder to the newest epoch.",
    mpcium: "ERROR_SESSION_INITIALIZATION",
    threat: "SESSION_MISMATCH",
  },
  "result-rejected": {
    ...nobody,
    remedy: "stop",
    what: "The result did not verify, though every part of it did; it was thrown away.",
    next: "Report this: it should be impossible.",
    mpcium: "ERROR_SIGNATURE_VERIFICATION",
    threat: "AGG_VERIFY",
  },
  "cancelled": {
    ...nobody,
    remedy: "retry",
    what: "The session was cancelled by whoever asked for it.",
    next: "Nothing to do.",
    mpcium: "ERROR_CONTEXT_CANCELLED",
    threat: "REMOTE_ABORT",
  },
  "expired": {
    ...nobody,
    remedy: "retry",
    what: "The command expired before there was an outcome.",
    next: "Ask again. Should a late result come, it is shown.",
    mpcium: "ERROR_SESSION_TIMEOUT",
    threat: "CMD_EXPIRED",
  },
  "clock-skew": {
    ...nobody,
    remedy: "fix",
    what:
      "Two clocks are more than two minutes apart, or one of them was ahead before: the time of this command " +
      "is not now.{clocks}",
    next: "Set the clocks of {peer} and of whoever asked right, by a time server, then ask again.",
    mpcium: "ERROR_SESSION_TIMEOUT",
    threat: "CMD_EXPIRED",
  },
  "not-authorized": {
    ...nobody,
    remedy: "fix",
    what: "Whoever asked has no right to ask for this, or the command's signature is wrong.",
    next: "Check the rights in the roster.",
    mpcium: "ERROR_INVALID_INITIATOR_SIGNATURE",
    threat: "CMD_AUTH",
  },
  "replayed-command": {
    ...nobody,
    remedy: "fix",
    what: "This command was carried out before, or its id was used for another one.",
    next: "Ask anew: every command has an id of its own.",
    mpcium: "ERROR_SESSION_DUPLICATE",
    threat: "CMD_REPLAY",
  },
  "unknown-wallet": {
    ...nobody,
    remedy: "fix",
    what: "There is no key “{wallet}” of this curve here.",
    next: "Check the name and the curve.",
    mpcium: "ERROR_KEY_NOT_FOUND",
    threat: "POLICY_DENIED",
  },
  "wallet-exists": {
    ...nobody,
    remedy: "fix",
    what: "“{wallet}” already has a key of this curve. It was not touched.",
    next: "Choose another name.",
    mpcium: "ERROR_KEY_ALREADY_EXISTS",
    threat: "KEY_EXISTS",
  },
  "wallet-busy": {
    ...nobody,
    remedy: "retry",
    what: "A key for “{wallet}” is being made, or is not finished yet.",
    next: "Wait until it is done.",
    mpcium: "ERROR_SESSION_DUPLICATE",
    threat: "SESSION_DUPLICATE",
  },
  "too-many-unfinished": {
    ...nobody,
    remedy: "fix",
    what: "{peer} keeps the shares of as many unfinished keys as it may.",
    next: "Erase at {peer} those that were given up and will not be needed; then ask again.",
    mpcium: "ERROR_RESOURCE_EXHAUSTED",
    threat: "RESOURCE_LIMIT",
  },
  "key-frozen": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has frozen “{wallet}”: too many signatures with it came to nothing in the last step.",
    next: "Sign without {peer}. Find out who spoilt them before the key is unfrozen there.",
    mpcium: "ERROR_SIGNING_FAILURE",
    threat: "POLICY_DENIED",
  },
  "pair-quarantined": {
    ...nobody,
    remedy: "exclude",
    what:
      "Two of the chosen peers do not use “{wallet}” together for now: their signatures failed in the last step.",
    next: "Choose others. Find out why they failed, then have the pair released at {peer}.",
    mpcium: "ERROR_SIGNING_FAILURE",
    threat: "POLICY_DENIED",
  },
  "peer-banned": {
    ...nobody,
    remedy: "exclude",
    key: "safe-if-banned",
    what: "Two of the chosen peers must not use “{wallet}” together any more.",
    next:
      "Choose others. That pair can never use the key together again: make a new key, and move what this one " +
      "holds to it while others can still sign.",
    mpcium: "ERROR_SIGNING_FAILURE",
    threat: "POLICY_DENIED",
  },
  "store-failed": {
    ...nobody,
    remedy: "fix",
    what: "The store of {peer} could not be read or written.",
    next: "Free the disk or mend its permissions, then try again.",
    mpcium: "ERROR_STORAGE_WRITE",
    threat: "STORE_WRITE",
  },
  "store-locked": {
    ...nobody,
    remedy: "fix",
    what: "The shares of {peer} are locked.",
    next: "Ask the person at {peer} to unlock it there, then try again; or choose others.",
    own: "Unlock it with its passphrase or passkey, then try again.",
    mpcium: "ERROR_STORAGE_READ",
    threat: "STORE_LOCKED",
  },
  "share-corrupt": {
    ...nobody,
    remedy: "stop",
    what: "The share that {peer} holds is not the one it was given.",
    next: "Restore it from a backup.",
    mpcium: "ERROR_STORAGE_READ",
    threat: "STORE_CORRUPT",
  },
  "overloaded": {
    ...nobody,
    remedy: "retry",
    what: "{peer} has as much to do as it can take.",
    next: "Try again in a moment.",
    mpcium: "ERROR_RESOURCE_EXHAUSTED",
    threat: "RESOURCE_LIMIT",
  },
  "shutdown": {
    ...nobody,
    remedy: "retry",
    what: "{peer} is shutting down.",
    next: "Try again when it is back, or without it.",
    mpcium: "ERROR_CONTEXT_CANCELLED",
    threat: "SHUTDOWN",
  },
  "suspended": {
    ...nobody,
    remedy: "retry",
    what: "{peer} was suspended in the middle: its page was frozen, or its machine slept.",
    next: "Try again, and keep its page in front until it is done.",
    mpcium: "ERROR_CONTEXT_CANCELLED",
    threat: "SHUTDOWN",
  },
  "internal": {
    ...nobody,
    remedy: "stop",
    what: "{peer} has a bug.",
    next: "Look at the log of {peer}, and report it.",
    mpcium: "ERROR_UNKNOWN",
    threat: "INTERNAL",
  },
} as const satisfies Record<string, FailureRow>;

/** A stable name for one way to fail. Switch on it. */
export type FailureCode = keyof typeof failures;

/** One row of {@linkcode warnings}. */
export interface WarningRow {
  /** Follows a count: “47 …”. */
  readonly what: string;
  /** What to do about it, where there is something to do. */
  readonly next?: string;
}

/** Something wrong that ends nothing. */
export const warnings = {
  "clock-difference": {
    what: "messages told a time more than two minutes off this node's clock",
    next: "Set both clocks right, by a time server: commands between these two may be refused until then.",
  },
  "unauthentic-frame": { what: "frames were dropped: nobody in the roster signed them" },
  "foreign-frame": { what: "frames were dropped: they came from a peer that is not in the session" },
  "unknown-session": { what: "frames were dropped: there is no such session" },
  "replayed-frame": { what: "frames were dropped: they had been received before" },
  "late-message": { what: "messages came after their session was over" },
  "oversized-frame": { what: "frames were refused for their length" },
  "rejected-hello": { what: "hellos were ignored: old, replayed or of another identity" },
} as const satisfies Record<string, WarningRow>;

/** A stable name for one oddity. */
export type WarningCode = keyof typeof warnings;

/** How far a peer's clock is from this node's. */
export interface ClockDifference {
  /** Whose clock. */
  readonly peer: PeerId;
  /** How many seconds it is ahead of this node's; negative: behind. */
  readonly seconds: number;
}

/** What a peer says about others. Hearsay: it is shown, and nothing follows from it. */
export interface Claim {
  /** Who says it. */
  readonly by: PeerId;
  /** What happened, in its words. */
  readonly code: FailureCode;
  /** Of whom. */
  readonly peers: readonly PeerId[];
}

/** Said of others of a party, by who takes part without them. */
const pairCodes: readonly FailureCode[] = ["peer-banned", "pair-quarantined", "link-lost", "restored"];

/** Whether a claim parts its author from others, and so is no refusal of either: each may sign without the other. */
export function partsPair({ by, code, peers }: Claim): boolean {
  return pairCodes.includes(code) && peers.some((peer) => peer !== by);
}

/** The fields of a failure or a warning that a sentence needs. */
export type Explainable =
  | {
    readonly type: "failed";
    readonly code: FailureCode;
    readonly kind: Kind;
    readonly wallet: string | null;
    readonly curve?: string | null;
    readonly peer: PeerId;
    readonly round: string | null;
    readonly culprits: readonly PeerId[];
    readonly missing: readonly PeerId[];
    readonly claims: readonly Claim[];
    readonly key: KeySafety;
    readonly clocks?: readonly ClockDifference[];
  }
  | {
    readonly type: "warning";
    readonly code: WarningCode;
    readonly via: PeerId | null;
    readonly count: number;
    readonly peer: PeerId;
    readonly seconds?: number;
  };

/** Who can repeat the check behind a failure. A share of an ECDSA signature is judged by what its recipient keeps secret. */
export function checkableBy(
  { code, curve }: { readonly code: FailureCode; readonly curve?: string | null },
): FailureRow["checkedBy"] {
  if (code === "invalid-signature-share" && curve === "secp256k1") return "recipient";
  return failures[code].checkedBy;
}

/** What a failure of `code` means for the key, given what the session was about. */
export function keySafety(code: FailureCode, kind: Kind): KeySafety {
  const { key } = failures[code] as FailureRow;
  return kind === "generate" && key === "safe" ? "no-key" : key;
}
