/**
 * The mark that editors of Windows put before a text, and that is no part of it.
 * @module
 */

/** The text without a byte order mark before it. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
