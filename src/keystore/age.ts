/**
 * Encryption of one record to a peer's storage key, as the stock `age` tool reads it (age-encryption.org/v1).
 * @module
 */
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

/**
 * @param storageKey An age identity, `AGE-SECRET-KEY-1…`.
 * @param plain The caller wipes it.
 * @returns A binary age file, some 200 bytes longer.
 */
export async function encryptTo(storageKey: string, plain: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  return await encrypter.encrypt(plain);
}

/** @throws {Error} If it was encrypted to someone else, or is no age file. */
export async function decryptWith(storageKey: string, sealed: Uint8Array): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(storageKey);
  return await decrypter.decrypt(sealed);
}
