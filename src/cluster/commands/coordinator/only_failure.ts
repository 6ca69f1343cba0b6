/**
 * The failures of an attempt that had one reason, wherever it was found. Pure.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { FailureCode } from "../../../failure.ts";

/** Whether nothing but a failure of this code was in the way, here or at others. */
export function isOnly(passing: FailureCode, error: unknown): boolean {
  if (!(error instanceof SessionError)) return false;
  const { code, claims } = error;
  return code === passing || code === "declined" && claims.every(({ code }) => code === passing);
}
