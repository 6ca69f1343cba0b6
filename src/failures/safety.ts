/**
 * The sentences about whether a key is safe after a failure.
 * @module
 */
import type { KeySafety } from "./row.ts";

const keySentences: Record<KeySafety, string> = {
  "safe": "Your key is safe. Nothing was learned about it and nothing was changed.",
  "safe-if-banned": "Your key is safe as long as these two do not use its present shares together again.",
  "pending":
    "The key is not finished. What was made of it is kept on disk. Do not send funds to its address yet.",
  "no-key": "No key was made, so none can be lost. Your other keys are untouched.",
};

/** The same after a resharing: the key is there already, and outlives it. */
const resharedKey: Partial<Record<KeySafety, string>> = {
  "safe": "Your key is safe. Nothing was learned about it, and its holders and shares are as they were.",
  "pending":
    "Your key is safe, and its addresses stay. Until all have confirmed the new shares, it signs with those it has.",
};

/** The id of {@linkcode safetySentence}. */
export function safetyId(key: KeySafety, kind: string): string {
  return `key.${key}${kind === "reshare" && resharedKey[key] !== undefined ? ".reshare" : ""}`;
}

/** The sentence after a failure of a session of this kind. */
export function safetySentence(key: KeySafety, kind: string): string {
  return kind === "reshare" ? resharedKey[key] ?? keySentences[key] : keySentences[key];
}
