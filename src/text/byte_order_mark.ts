/**
 * The byte order mark, which Windows editors put before a text and which is not part of it.
 * @module
 */

/** The text without a byte order mark before it. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}
