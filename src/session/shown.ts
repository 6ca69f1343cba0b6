/**
 * The choice of the signed messages that a failure keeps as evidence.
 * @module
 */
import { maxShown, maxShownItems } from "../limits.ts";

/** All of these messages, or null if they exceed a piece of evidence: a part might lack the message that proves it. */
export function allOrNone(messages: readonly Uint8Array[]): readonly Uint8Array[] | null {
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  return messages.length <= maxShownItems && bytes <= maxShown ? messages : null;
}
