/**
 * The text that an initiator gives with a command, for people to read: every character of it must be visible.
 * @module
 */
import { wrongCharacters } from "./name.ts";

/**
 * The reason why this is no valid remark, or null if it is: at most `longest` UTF-16 units of visible
 * characters in Unicode's composed form (NFC), on one line, with single spaces between them. It may be empty.
 */
export function wrongRemark(remark: string, longest: number): string | null {
  if (typeof remark !== "string") return `expected text, found ${typeof remark}`;
  if (remark.length > longest) {
    return `expected at most ${longest} visible characters, found ${remark.length}`;
  }
  return wrongCharacters(remark);
}
