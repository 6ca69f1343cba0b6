/**
 * The messages that a failure shows as evidence against its culprits. Pure.
 * @module
 */
import { maxShown, maxShownItems } from "../limits.ts";

/**
 * All of these signed messages, or null if they exceed one piece of evidence: a part might lack the decisive
 * one.
 */
export function allOrNone(messages: readonly Uint8Array[]): readonly Uint8Array[] | null {
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  return messages.length <= maxShownItems && bytes <= maxShown ? messages : null;
}
