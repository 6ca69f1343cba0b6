/**
 * The sentences about whether a key is safe after a failure.
 * @module
 */
import type { KeySafety } from "./row.ts";

const sentences = {
  "safe": "Your key is safe. Nothing was learned about it and nothing was changed.",
  "safe-if-banned": "Your key is safe as long as these two do not use the present shares together again.",
  "pending": "The key is not finished. Do not send funds to its address yet.",
  /** Of a resharing: the key is there already, and outlives it. */
  "pending.reshare":
    "Your key is safe, and its addresses stay. Until all have confirmed the new shares, it signs with those it has.",
  "no-key": "No key was made, so none can be lost.",
};

/** The sentence after a failure of a session of this kind, and its id. */
export function safetyOf(key: KeySafety, kind: string): [id: string, text: string] {
  const id = kind === "reshare" && key === "pending" ? "pending.reshare" : key;
  return [id, sentences[id]];
}
