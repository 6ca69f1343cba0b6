/**
 * What a failure shows of its culprits. Pure.
 * @module
 */
import { maxShown, maxShownItems } from "../limits.ts";

/** All of these signed messages, or null if they are more than a piece of evidence holds: the very one that shows it might be left out. */
export function allOrNone(messages: readonly Uint8Array[]): readonly Uint8Array[] | null {
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  return messages.length <= maxShownItems && bytes <= maxShown ? messages : null;
}
