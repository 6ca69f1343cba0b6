/**
 * Makes age do its X25519 in this thread. WebCrypto answers from another one, at a time that no virtual clock knows of:
 * the clock would find nothing pending and jump to the next deadline. Not a test by itself.
 * @module
 */
const { subtle } = crypto;
const importKey = subtle.importKey.bind(subtle) as (...args: unknown[]) => Promise<CryptoKey>;

subtle.importKey =
  ((...args: unknown[]) =>
    (args[2] as { name?: string })?.name === "X25519"
      ? Promise.reject(new DOMException("Not in this thread", "NotSupportedError")) // age falls back on noble
      : importKey(...args)) as typeof subtle.importKey;
