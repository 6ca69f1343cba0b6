/**
 * The failures of a session, the warnings that it survives, and the words that `explain()` makes sentences
 * of. Nothing ever parses these words.
 *
 * To add a code: its name in `failures/row.ts`, its row beside it, and its aliases in
 * `failures/aliases.ts`; in `tests/negative/coverage.ts` the test that provokes it, or why none can; in
 * `makingKeys` of `tests/docs/failures_doc.ts`, if only a key generation fails with it; then `deno task docs`.
 * @module
 */
import { claimFailures } from "./failures/claims.ts";
import { culpritFailures } from "./failures/culprits.ts";
import { missingFailures } from "./failures/missing.ts";
import { nobodyFailures } from "./failures/nobody.ts";
import type { FailureCode, FailureRow, KeySafety, WarningCode } from "./failures/row.ts";

export type { FailureCode, FailureRow, KeySafety, Names, Remedy, WarningCode } from "./failures/row.ts";
export { type WarningRow, warnings } from "./failures/warnings.ts";

/** A peer's libp2p identity, as text: for Ed25519 keys, base58btc starting with `12D3Koo`. */
export type PeerId = Id<"peer">;

/**
 * Text that is the id of something. Plain text is taken for one, but an id of one thing is not taken for an id of
 * another: `never` is the type of nothing that has both.
 */
export type Id<Of extends string> = string & {
  /** Only for the type checker; never there. */
  readonly idOf?: Of;
};

/** The purpose of a session. A link between two peers is a session of two. */
export type Kind = "ecdh" | "generate" | "sign" | "reshare";

/** The phases of a session, in order. */
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

/** The difference between a peer's clock and this node's. */
export interface ClockDifference {
  /** The peer with that clock. */
  readonly peer: PeerId;
  /** Seconds that it is ahead of this node's clock; negative: behind. */
  readonly seconds: number;
}

/** A peer's claim about others. It is hearsay: it is shown, and nothing follows from it. */
export interface Claim {
  /** The author of the claim. */
  readonly by: PeerId;
  /** The failure that it claims. */
  readonly code: FailureCode;
  /** The peers that the claim is about. */
  readonly peers: readonly PeerId[];
}

/** The codes with which a peer refuses others of a party, but not the session itself. */
const pairCodes: readonly FailureCode[] = ["peer-banned", "pair-quarantined", "link-lost", "restored"];

/** Whether a claim only separates its author from other peers: each of them may sign without the other. */
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
    readonly phase: Phase;
    readonly items?: number;
    readonly spoilt?: readonly number[];
  }
  | {
    readonly type: "warning";
    readonly code: WarningCode;
    readonly via: PeerId | null;
    readonly count: number;
    readonly peer: PeerId;
    readonly seconds?: number;
  };

/**
 * The peers that can repeat the check behind a failure: as the failure states, otherwise as the table states.
 */
export const checkableBy = (
  { code, checkableBy }: { readonly code: FailureCode; readonly checkableBy?: "recipient" },
): FailureRow["checkedBy"] => checkableBy ?? failures[code].checkedBy;

/** The safety of the key after a failure, which depends on the purpose of the session. */
export function keySafety(code: FailureCode, kind: Kind): KeySafety {
  const { key } = failures[code] as FailureRow;
  return kind === "generate" && key === "safe" ? "no-key" : key;
}
