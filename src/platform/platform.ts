/**
 * The platform's own clock and randomness, in Deno and in browsers alike.
 * @module
 */
import type { Clock, Random } from "../ports.ts";

export const platformClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms, fire) {
    const id = setTimeout(fire, ms);
    return { [Symbol.dispose]: () => clearTimeout(id) };
  },
};

/** The bytes that `crypto.getRandomValues` returns in one call, at most (Web Cryptography API §10.1.1). */
const maxRandomBytes = 65_536;

export const platformRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += maxRandomBytes) {
    crypto.getRandomValues(bytes.subarray(at, at + maxRandomBytes));
  }
  return bytes;
};
