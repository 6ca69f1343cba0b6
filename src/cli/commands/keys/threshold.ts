/**
 * A threshold, as it is given on the command line.
 * @module
 */
import { InputError } from "../../../errors.ts";

/** The number of members that sign. @throws {InputError} `threshold` */
export function thresholdOf(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  throw new InputError("threshold", `expected a number, found “${text}”`);
}
