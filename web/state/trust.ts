/**
 * The trust in a reported failure, and the comparison of two reports. Pure.
 * @module
 */
import type { Failure } from "../../src/events.ts";
import { firstHand } from "../../src/explain.ts";
import { checkableBy, type Claim, failures, type PeerId } from "../../src/failure.ts";
import type { Session } from "./sessions.ts";

/** The trust in a reported failure, from the least to the most. */
export const Trust = {
  /** An accusation without valid evidence, or a report that contradicts what its author told others. */
  none: 0,
  /** The bare news that somebody else ended the session. */
  news: 1,
  /** Claims of others about the end. */
  hearsay: 2,
  /** A time-out, or a fault of the reporter itself. */
  ownReport: 3,
  /** An accusation with signed messages that this page has not checked. */
  unchecked: 4,
  /** An accusation by several peers, or one that only its author can check. */
  found: 5,
  /** Checked by this page, or found by its own node. */
  checked: 6,
} as const;
export type Trust = (typeof Trust)[keyof typeof Trust];

/** All that trust depends on besides the failure itself. */
export interface Evidence {
  self: PeerId | null;
  /** The session's own scheme, which decides who can check an accusation; null if unknown. */
  scheme: Session["scheme"];
  /** All failures that were reported of the attempt. */
  reported: readonly Failure[];
  proofs: Session["proofs"];
}

export function trustIn(failure: Failure, { self, scheme, reported, proofs }: Evidence): Trust {
  const { names } = failures[failure.code];
  if (names === "claims") return firstHand(failure.claims).length > 0 ? Trust.hearsay : Trust.news;
  if (names !== "culprits") return isInconsistent(failure, reported) ? Trust.none : Trust.ownReport;
  const proof = proofs.get(failure.peer);
  if (failure.culprits.length === 0 || proof === "not-proven") return Trust.none;
  if (failure.peer === self || proof === "proven") return Trust.checked;
  const several = reported.filter((other) => isSameFinding(other, failure)).length > 1;
  // A report with another scheme than the session's could pretend that nobody else can check it.
  const onlyByAuthor = failure.scheme === scheme && checkableBy(failure) !== "anyone";
  if (several || onlyByAuthor) return Trust.found;
  return failure.evidence === undefined ? Trust.none : Trust.unchecked;
}

/** Whether the failure's author told others something else than it reports here. */
export function isInconsistent({ peer, code }: Failure, reported: readonly Failure[]): boolean {
  return reported.some(({ claims }) => claims.some((claim) => claim.by === peer && claim.code !== code));
}

/**
 * Whether two failures report the same finding. First-hand claims are a part of it: peers that were told by different
 * peers report different things.
 */
export function isSameFinding(a: Failure, b: Failure): boolean {
  return a.code === b.code && isSameSet(a.culprits, b.culprits) && isSameSet(a.missing, b.missing) &&
    isSameSet(firstHand(a.claims).map(claimText), firstHand(b.claims).map(claimText));
}

const claimText = ({ by, code, peers }: Claim) => JSON.stringify([by, code, peers.toSorted()]);

const isSameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.toSorted().join() === b.toSorted().join();
