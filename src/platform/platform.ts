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

/** What `crypto.getRandomValues` gives in one call, bytes (Web Cryptography API §10.1.1). */
const mostAtOnce = 65_536;

export const platformRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += mostAtOnce) crypto.getRandomValues(bytes.subarray(at, at + mostAtOnce));
  return bytes;
};
