/**
 * Evidence for a failure that a protocol finds in what went to all.
 * @module
 */
import { SessionError } from "../../errors.ts";
import type { Rounds } from "../../protocol/rounds.ts";
import type { ShowingNet } from "../secret_scheme.ts";

/** Adds to a failure that names culprits what they sent to all: anyone can check that. */
export async function proven<T, P extends Rounds>(net: ShowingNet<P>, running: Promise<T>): Promise<T> {
  try {
    return await running;
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    const { code, culprits, evidence, checkableBy, items, cause } = error;
    if (culprits.length === 0 || evidence.length > 0) throw error;
    throw new SessionError(code, { culprits, evidence: net.evidence(culprits), checkableBy, items, cause });
  }
}
