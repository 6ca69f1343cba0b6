/**
 * A WebCrypto that refuses private keys, as WebKitGTK's does. Not a test by itself.
 * @module
 */

/** The length of what stands before the 32 bytes of an Ed25519 or X25519 private key in PKCS #8 (RFC 8410 §7). */
const prefixLength = 16;

/**
 * Runs with a WebCrypto that does not import from PKCS #8 what `isRefused`.
 *
 * @param isRefused Called with the 32 bytes of the key, and the number of such imports, this one included.
 */
export async function refusing<T>(
  isRefused: (key: Uint8Array, imports: number) => boolean,
  run: () => Promise<T>,
): Promise<T> {
  const { subtle } = crypto;
  const own = subtle.importKey;
  let imports = 0;
  function importKey(...args: [string, Uint8Array, ...unknown[]]): Promise<CryptoKey> {
    const [format, key] = args;
    if (format === "pkcs8" && isRefused(key.subarray(prefixLength), ++imports)) {
      return Promise.reject(new DOMException("the data is refused", "DataError"));
    }
    return Reflect.apply(own, subtle, args);
  }
  Object.assign(subtle, { importKey });
  try {
    return await run();
  } finally {
    Reflect.deleteProperty(subtle, "importKey");
  }
}

/** Runs with a WebCrypto that refuses what WebKitGTK's refuses: keys whose first byte is zero. */
export const asWebKitGTK = <T>(run: () => Promise<T>): Promise<T> => refusing(([first]) => first === 0, run);

/** 32 random bytes that begin with `zeros` zero bytes. */
export function beginningWithZeros(zeros: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32)).fill(0, 0, zeros);
}
