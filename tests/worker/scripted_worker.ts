/**
 * Workers that run a given script, and the code with which a run of a vault ends. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import { SessionError } from "../../src/errors.ts";

/** Starts a worker that runs `source`. */
export const script = (source: string) => (): Worker =>
  new Worker(`data:application/javascript,${encodeURIComponent(source)}`, { type: "module" });

/** The code of the failure with which a run ends; it accuses nobody. */
export async function codeOf(run: Promise<unknown>): Promise<string> {
  const error = await run.then(() => null, (error) => error);
  assert.ok(error instanceof SessionError, String(error));
  assert.deepEqual(error.culprits, []);
  return error.code;
}
