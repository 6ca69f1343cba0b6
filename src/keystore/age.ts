/**
 * The encryption of a record to a peer's storage key, in the format of the stock `age` tool
 * (age-encryption.org/v1).
 * @module
 */
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

/**
 * Encrypts a record.
 *
 * @param storageKey An age identity, `AGE-SECRET-KEY-1…`.
 * @param plain The caller wipes it.
 * @returns A binary age file, some 200 bytes longer.
 */
export async function encryptTo(storageKey: string, plain: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(storageKey));
  return await encrypter.encrypt(plain);
}

/** Decrypts a record. @throws {Error} If it was encrypted to another key, or is no age file. */
export async function decryptWith(storageKey: string, sealed: Uint8Array): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(storageKey);
  return await decrypter.decrypt(sealed);
}
