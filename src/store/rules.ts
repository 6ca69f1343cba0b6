/**
 * The rules that all stores follow.
 * @module
 */
import { InputError } from "../errors.ts";

/**
 * The number of deleted names whose last versions a store remembers. A name that is written again within that
 * many deletions continues its version, so that a compare-and-set from before the deletion cannot overwrite
 * what was written after it (the ABA problem). 10,000 names take about 1 MB, and no writer pauses for 10,000
 * deletions between its read and its write.
 */
export const remembered = 10_000;

/**
 * Checks that a name is one that every engine keeps unchanged: SQLite would cut it at NUL, and UTF-8 maps all
 * lone surrogates to the same character.
 *
 * @throws {InputError} `name`.
 */
export function checkName(name: string): void {
  if (!name.isWellFormed() || name.includes("\0")) {
    throw new InputError("name", "expected well-formed text without NUL, found something else");
  }
}
