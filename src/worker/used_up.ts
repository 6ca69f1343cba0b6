/**
 * The error of a drawn task that is run a second time.
 * @module
 */
import { SessionError } from "../errors.ts";

/** `internal`: one-time secrets work once. */
export function usedUp(): SessionError {
  return new SessionError("internal", { cause: new Error("Cannot run: the task was run or dropped before") });
}
