/**
 * What was wrong with an input, for a person to read: by the field that it is about. What the library found is said
 * where it says more than the page knows. Pure.
 * @module
 */
import type { InputError } from "../../mod.ts";

const sentences: ReadonlyMap<string, string> = new Map([
  ["passphrase", "That is not the passphrase."],
  ["page", "Open this page over https, or from localhost: elsewhere a browser makes no keys."],
]);

const introductions: ReadonlyMap<string, string> = new Map([
  ["name", "That name cannot be used"],
  ["wallet", "That name cannot be used"],
  ["backup", "That file cannot be used"],
  ["passkey", "The passkey did not work"],
  ["invitation", "An invitation is needed"],
]);

/** One sentence, or an introduction and what the library found. */
export function plainInput({ field, message }: Pick<InputError, "field" | "message">): string {
  const sentence = sentences.get(field);
  if (sentence !== undefined) return sentence;
  const found = message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  const introduction = introductions.get(field);
  return introduction === undefined ? message : `${introduction}: ${found}.`;
}
