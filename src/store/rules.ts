/**
 * What all stores hold to, whatever they keep their records in.
 * @module
 */
import { InputError } from "../errors.ts";

/**
 * A store remembers the last versions of this many deleted names. A name that comes back within that many
 * deletions goes on counting where it stopped, so that a compare-and-set from before its deletion cannot win over
 * what was written after it (ABA). 10,000 of them are about 1 MB; and no writer sleeps through 10,000 deletions
 * between its read and its write.
 */
export const remembered = 10_000;

/**
 * What every engine keeps as it is: SQLite would cut a name at NUL, and UTF-8 makes all lone surrogates one.
 *
 * @throws {InputError} `name`.
 */
export function checkName(name: string): void {
  if (!name.isWellFormed() || name.includes("\0")) {
    throw new InputError("name", "expected well-formed text without NUL, found something else");
  }
}
