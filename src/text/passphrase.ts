/**
 * The normal form of a passphrase: keyboards and files of two systems may encode the same characters
 * differently.
 * @module
 */

/**
 * The text that is hashed wherever a passphrase locks or opens something: every Unicode blank becomes a plain
 * space (RFC 8265 §4.2.2, OpaqueString), then NFKC (NIST SP 800-63B §3.1.1.2). Capital and small letters
 * remain different.
 */
export function normalPassphrase(typed: string): string {
  return typed.replace(/\p{Zs}/gu, " ").normalize("NFKC");
}
