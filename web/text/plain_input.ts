/**
 * Sentences for a person about a wrong input, by its field. The library's own finding is added where it says more. Pure.
 * @module
 */
import type { InputError } from "../../mod.ts";

const sentences: ReadonlyMap<string, string> = new Map([
  ["passphrase", "That is not the passphrase."],
  ["page", "Open this page over https or from localhost: a browser makes keys only there."],
]);

const introductions: ReadonlyMap<string, string> = new Map([
  ["name", "That name cannot be used"],
  ["wallet", "That name cannot be used"],
  ["note", "That note cannot be used"],
  ["reference", "That reference cannot be used"],
  ["backup", "That file cannot be used"],
  ["passkey", "The passkey did not work"],
  ["invitation", "An invitation is needed"],
  ["members", "These cannot be the holders"],
  ["gone", "These cannot be gone"],
  ["dealers", "Too few shares can be used"],
  ["threshold", "That many cannot sign"],
  ["keyId", "The key has changed meanwhile"],
  ["items", "These cannot be signed together"],
]);

/** A field of one item of a batch: its number from 0, and the field's own name. */
const itemField = /^items\[(\d+)\]\.(\w+)$/;

/** One sentence, or an introduction and the library's finding. */
export function plainInput({ field, message }: Pick<InputError, "field" | "message">): string {
  const sentence = sentences.get(field);
  if (sentence !== undefined) return sentence;
  const found = message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  const [, item, of] = itemField.exec(field) ?? [];
  if (of !== undefined) {
    const part = of === "message" ? "" : `, ${of}`;
    return `Message ${Number(item) + 1}${part}: ${found}.`;
  }
  const introduction = introductions.get(field);
  return introduction === undefined ? message : `${introduction}: ${found}.`;
}
