/**
 * The one form of a passphrase: two systems' keyboards and files have the same characters as different code points.
 * @module
 */

/**
 * What is hashed of a passphrase, wherever one locks or opens something: every blank of Unicode as a plain space (RFC
 * 8265 §4.2.2, OpaqueString), then the compatibility form NFKC (NIST SP 800-63B §3.1.1.2). Capital and small letters
 * stay apart.
 */
export function normalPassphrase(typed: string): string {
  return typed.replace(/\p{Zs}/gu, " ").normalize("NFKC");
}
