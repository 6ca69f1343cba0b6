/**
 * Waits with an end, by a given clock.
 * @module
 */
import type { Clock } from "../ports.ts";

/** A signal that fires by itself, and leaves nothing behind when disposed of. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that aborts `ms` from now, or with `parent`. */
export function deadline(clock: Clock, ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  const timer = clock.timer(ms, () => controller.abort(new DOMException("The time is over", "TimeoutError")));
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      parent?.removeEventListener("abort", follow);
    },
  };
}

/** Resolves after `ms`, or as soon as `signal` aborts: look at the signal to know which. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer[Symbol.dispose]();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.timer(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** The value of `promise`, or null if the signal aborts first. The promise itself goes on. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(null);
    const stop = () => resolve(null);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
