/**
 * The failures of a session and the warnings that it survives, with the words that `explain()` makes sentences of. No
 * other file holds such words, and nothing ever parses them.
 *
 * To add a code: its name and a row in `failures/`; in `tests/negative/coverage.ts` the test that provokes it, or why none can;
 * `makingKeys` in `tests/docs/failures_doc.ts`, if only a key generation fails with it; then `deno task docs`.
 * @module
 */
import { claimFailures } from "./failures/claims.ts";
import { culpritFailures } from "./failures/culprits.ts";
import { missingFailures } from "./failures/missing.ts";
import { nobodyFailures } from "./failures/nobody.ts";
import type { FailureCode, FailureRow, KeySafety } from "./failures/row.ts";
import type { warnings } from "./failures/warnings.ts";

export type { FailureCode, FailureRow, KeySafety, Names, Remedy } from "./failures/row.ts";
export { type WarningRow, warnings } from "./failures/warnings.ts";

/** A peer's libp2p identity, as text: for Ed25519 keys, base58btc starting with `12D3Koo`. */
export type PeerId = string;

/** What a session is about. A link between two peers is a session of two. */
export type Kind = "ecdh" | "generate" | "sign" | "reshare";

/** The stations of a session, in order. */
export type Phase = "inviting" | "opening" | "exchanging" | "committing";

/**
 * The table of failures. The codes that name culprits are exactly `malformed-message`, `unexpected-round`,
 * `equivocation` and `invalid-*`.
 */
export const failures: Readonly<Record<FailureCode, FailureRow>> = {
  ...culpritFailures,
  ...missingFailures,
  ...claimFailures,
  ...nobodyFailures,
};

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
    readonly checkableBy?: "recipient";
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

/** Who can repeat the check behind a failure: by its own statement, else by the table. */
export function checkableBy(
  { code, checkableBy }: { readonly code: FailureCode; readonly checkableBy?: "recipient" },
): FailureRow["checkedBy"] {
  return checkableBy ?? failures[code].checkedBy;
}

/** What a failure of `code` means for the key, given what the session was about. */
export function keySafety(code: FailureCode, kind: Kind): KeySafety {
  const { key } = failures[code] as FailureRow;
  return kind === "generate" && key === "safe" ? "no-key" : key;
}
