/**
 * The failure of a command as its coordinator tells of it. This node has seen nobody break the protocol: in its own view
 * an accusation is a claim of the coordinator. What others have told the coordinator stays theirs, by its word: their
 * own results may come later, or not at all.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";

/**
 * The failure that a coordinator tells of.
 *
 * @param items The items of a batch that the accused have spoilt, by its word.
 */
export function toldBy(
  coordinator: PeerId,
  { code, culprits, missing, claims }: Pick<SessionError, "code" | "culprits" | "missing" | "claims">,
  items: readonly number[] = [],
): SessionError {
  if (culprits.length === 0) return new SessionError(code, { missing, claims });
  return new SessionError("aborted-by-peer", { claims: [{ by: coordinator, code, peers: culprits }], items });
}
