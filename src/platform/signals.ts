/**
 * The one rule of signals, for every call that takes one.
 * @module
 */

/**
 * Does a work, unless the signal aborts first: then whatever was begun goes on unheard, and its error is nobody's.
 *
 * @throws The signal's reason. If that has aborted already, nothing is begun.
 */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  if (!signal) return await work();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
