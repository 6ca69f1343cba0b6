/**
 * The item of a command that a test makes by hand.
 * @module
 */
import type { SignItem } from "../../src/schemes/scheme.ts";

/** An item that signs the empty message with the key itself, but for what is changed. */
export function item(changes: Partial<SignItem> = {}): SignItem {
  const none = new Uint8Array();
  return { message: none, digest: none, hash: "none", path: [], options: none, ...changes };
}
