/**
 * Text that a peer wrote, made fit to be read: nothing invisible, nothing that turns its surroundings round.
 * @module
 */
import { visible } from "../../src/text/visible.ts";

const spaces = /[\p{Zs}]/gu;
const rightToLeft = /[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}\p{sc=Adlam}]/u;

/** As {@linkcode visible}, but lines and tabs stay: for text shown in a box of its own. */
export function visibleLines(text: string): string {
  return text.split(/(\r?\n|\t)/).map((part, i) => i % 2 ? part : visible(part)).join("");
}

/** One line of at most `longest` characters. Letters that run right to left are kept to themselves. */
export function clean(text: string, longest = 40): string {
  const line = [...visible(text.slice(0, 4 * longest)).replace(spaces, " ").trim()];
  const short = line.length > longest ? line.slice(0, longest - 1).join("") + "…" : line.join("");
  return rightToLeft.test(short) ? `\u2068${short}\u2069` : short;
}
