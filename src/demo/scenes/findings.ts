/**
 * The failures that honest peers of the demonstration report, compared with the expected ones.
 * @module
 */
import type { Failure } from "../../events.ts";
import { type FailureCode, failures, type PeerId } from "../../failure.ts";

/** The failure that every honest peer of a scene's session must report. */
export interface Expected {
  code: FailureCode;
  /** The code at a peer that was sent something else than the rest. */
  fooled?: FailureCode;
  culprits?: readonly PeerId[];
  missing?: readonly PeerId[];
}

/** Whether a failure only repeats what another honest peer found by a check that nobody else can repeat. */
export function relays({ code, claims }: Failure, expected: Expected, honest: readonly PeerId[]): boolean {
  return code === "aborted-by-peer" && claims.length > 0 &&
    claims.every((claim) => honest.includes(claim.by) && onlyThere(claim.code, expected));
}

/** Whether a check gives `code` at one peer alone: it reads what only that peer was sent. */
function onlyThere(code: FailureCode, { code: expected, fooled }: Expected): boolean {
  return code === fooled || code === expected && failures[expected].checkedBy === "recipient";
}

/** @param name Of the peer that reports it. @throws {Error} If the failure is not the expected one. */
export function check(
  name: string,
  failure: Failure,
  { code, fooled = code, culprits = [], missing = [] }: Expected,
): void {
  const same = (a: readonly PeerId[], b: readonly PeerId[]) => [...a].sort().join() === [...b].sort().join();
  if (failure.code !== code && failure.code !== fooled) {
    throw new Error(`${name} says ${failure.code}, not ${code}`);
  }
  if (!same(failure.culprits, culprits)) {
    throw new Error(`${name} blames ${failure.culprits.join() || "nobody"}`);
  }
  if (!same(failure.missing, missing)) {
    throw new Error(`${name} misses ${failure.missing.join() || "nobody"}`);
  }
}
