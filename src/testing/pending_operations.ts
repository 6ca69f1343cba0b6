/**
 * A count of WebCrypto's operations under way. They run in other threads, at a time that no virtual clock knows of: without
 * the count the clock would find nothing pending, and jump to the next deadline.
 * @module
 */

const counted = [
  "decrypt",
  "deriveBits",
  "deriveKey",
  "digest",
  "encrypt",
  "exportKey",
  "generateKey",
  "importKey",
  "sign",
  "verify",
] as const;

type Method = (...args: unknown[]) => Promise<unknown>;

let pending = 0;
let counting = false;

/** The number of operations under way; 0 before {@linkcode countOperations}. */
export const pendingOperations = (): number => pending;

/** Counts WebCrypto's operations of this process from now on. What they do and return stays the same. */
export function countOperations(): void {
  if (counting) return;
  counting = true;
  const { subtle } = crypto;
  for (const name of counted) {
    const real = subtle[name].bind(subtle) as Method;
    const method: Method = (...args) => {
      pending++;
      return real(...args).finally(() => pending--);
    };
    Object.defineProperty(subtle, name, { configurable: true, writable: true, value: method });
  }
}
