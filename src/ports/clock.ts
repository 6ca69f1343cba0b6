/**
 * The ports to time and randomness.
 * @module
 */

/** Time. Deadlines are measured on `monotonic`, dates on `now`. */
export interface Clock {
  /** Wall time, ms since 1970. */
  now(): number;
  /** Never goes back; ms since some moment. */
  monotonic(): number;
  /** Calls `fire` once, `ms` from now, unless disposed of first. */
  timer(ms: number, fire: () => void): Disposable;
}

/** Returns `length` uniformly random bytes. */
export type Random = (length: number) => Uint8Array;
