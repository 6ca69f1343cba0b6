/**
 * Which test shows what, by code. A test is a file and a part of its name.
 * @module
 */
import type { FailureCode, WarningCode } from "../../src/failure.ts";

export type Where = readonly [file: string, name: string] | { readonly not: string };

export const negative = (file: string, name: string): Where => [`tests/negative/${file}_test.ts`, name];
export const protocol = (file: string, name: string): Where => [`tests/protocol/${file}_test.ts`, name];

/** What provokes each code. */
export const codes: Readonly<Record<FailureCode, Where>> = {
  "malformed-message": negative("sign", "who sends garbage"),
  "unexpected-round": negative("session", "a round that does not exist"),
  "equivocation": negative("generate", "tells two stories"),
  "invalid-commitment": negative("generate", "opens another commitment"),
  "invalid-proof": negative("generate", "cannot prove"),
  "invalid-dealt-share": negative("generate", "dealt one bad share"),
  "invalid-signature-share": negative("sign", "a forged share"),
  "invalid-confirmation": negative("generate", "confirms another key"),
  "invalid-multiplication": negative("ecdsa", "bans who tampers"),
  "unanswered": negative("consent", "nobody answered"),
  "round-timeout": negative("generate", "who is silent"),
  "peer-left": negative("sign", "who crashes"),
  "not-enough-peers": negative("codes", "not-enough-peers"),
  "link-lost": negative("codes", "link-lost"),
  "restored": negative("rollback", "no session before it was compared"),
  "wallet-pending": negative("commit", "leaves a key pending"),
  "aborted-by-peer": negative("session", "accuses"),
  "declined": negative("roster", "is declined with roster-mismatch"),
  "session-mismatch": negative("command", "threshold 1"),
  "roster-mismatch": negative("invite", "a roster of the past"),
  "epoch-mismatch": negative("invite", "another epoch"),
  "result-rejected": negative("codes", "does not let out a signature"),
  "cancelled": negative("session", "ends with cancelled"),
  "expired": negative("command", "too long"),
  "clock-skew": negative("clock", "minutes off"),
  "not-authorized": negative("command", "another cluster"),
  "replayed-command": negative("invite", "carried out before"),
  "id-reused": negative("invite", "carried out before"),
  "outcome-forgotten": negative("outcome", "outcome-forgotten"),
  "outcome-unknown": negative("takeover_split", "ends with outcome-unknown"),
  "other-coordinator": negative("takeover", "no later one that the initiator has not named"),
  "unknown-wallet": negative("command", "an unknown wallet"),
  "wallet-exists": negative("command", "a taken name"),
  "wallet-busy": negative("commit", "at most one of two at once"),
  "too-many-unfinished": negative("votes", "refuses new keys when it keeps too many"),
  "key-frozen": negative("ecdsa", "key-frozen until it is thawed"),
  "resharing-paused": negative("reshare_paused", "resharing-paused, until the operator"),
  "pair-quarantined": negative("ecdsa_quarantine", "goes on without who spoils"),
  "peer-banned": negative("ecdsa", "bans who tampers"),
  "store-failed": negative("commit", "cannot write its share"),
  "store-locked": negative("lock", "ends sessions under way with store-locked"),
  "share-corrupt": negative("codes", "share-corrupt"),
  "overloaded": negative("codes", "overloaded at once"),
  "shutdown": negative("codes", "shutdown"),
  "suspended": negative("codes", "suspended"),
  "internal": negative("codes", "internal"),
};

export const oddities: Readonly<Record<WarningCode, Where>> = {
  "clock-difference": negative("clock", "up between clocks"),
  "unauthentic-frame": negative("stranger", "reaches no protocol"),
  "foreign-frame": ["tests/session/wire_test.ts", "not authentically of this session"],
  "unknown-session": negative("stranger", "sessions that nobody knows"),
  "replayed-frame": ["tests/session/wire_test.ts", "a frame that comes twice"],
  "late-message": negative("stranger", "sessions that are over"),
  "oversized-frame": negative("stranger", "with few words"),
  "rejected-hello": negative("link", "no hello twice"),
};
