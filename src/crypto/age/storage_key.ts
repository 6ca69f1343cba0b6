/**
 * The storage key of a peer: an identity of the stock `age` tool (age-encryption.org/v1, X25519).
 * @module
 */
import { bech32 } from "@scure/base";
import { Encrypter, identityToRecipient } from "age-encryption";

const storageKeyPrefix = "age-secret-key-";

/** The storage key with this scalar, 32 bytes: `AGE-SECRET-KEY-1…`. */
export function storageKeyOf(scalar: Uint8Array): string {
  return bech32.encodeFromBytes(storageKeyPrefix, scalar).toUpperCase();
}

/** Whether a text is a storage key: Bech32 of 32 bytes, in capitals. */
export function isStorageKey(text: string): boolean {
  if (typeof text !== "string" || text !== text.toUpperCase()) return false;
  try {
    const { prefix, bytes } = bech32.decodeToBytes(text);
    return prefix.toLowerCase() === storageKeyPrefix && bytes.length === 32;
  } catch {
    return false; // the error may quote the key
  }
}

/**
 * Another text of the same storage key, which every platform can use. As PKCS #8, the form in which
 * `age-encryption` imports it, WebKitGTK refuses every X25519 or Ed25519 key whose first byte is zero;
 * X25519 ignores the lowest three bits of that byte (RFC 7748 §5).
 */
export function importable(storageKey: string): string {
  const scalar = bech32.decodeToBytes(storageKey).bytes;
  scalar[0]! |= 1;
  const text = storageKeyOf(scalar);
  scalar.fill(0);
  return text;
}

/** The recipient of a storage key: `age1…`. */
export async function recipientOf(storageKey: string): Promise<string> {
  return await identityToRecipient(importable(storageKey));
}

/** Whether a text is a recipient. Its checksum distinguishes a damaged one from another's. */
export function isRecipient(text: string): boolean {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}
