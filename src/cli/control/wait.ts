/**
 * Waiting for something that a node learns from others: a key, a link, an erased share.
 * @module
 */
import { InputError } from "../../errors.ts";

/** The longest time that `--wait` names, ms. */
export const longestWaitMs = 3_600_000;

/** The interval at which something is looked for, ms. */
const peersLookEvery = 100;

/** The time to wait that `--wait` names in seconds, ms. @throws {InputError} `wait` */
export function waitOf(seconds: string): number {
  const ms = Number(seconds) * 1000;
  if (ms > 0 && ms <= longestWaitMs) return ms;
  throw new InputError("wait", `expected seconds, at most ${longestWaitMs / 1000}, found ${seconds}`);
}

/** Waits until something is so, but at most `ms`, and not when the signal ends it. @returns Whether it is. */
export async function until(
  isSo: () => Promise<boolean>,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  for (const end = Date.now() + ms;;) {
    if (await isSo()) return true;
    if (Date.now() >= end || signal?.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, peersLookEvery));
  }
}
