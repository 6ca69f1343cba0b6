/**
 * The encryption of a record to a peer's storage key, in the format of the stock `age` tool
 * (age-encryption.org/v1).
 * @module
 */
import { Decrypter, Encrypter } from "age-encryption";
import { importable, recipientOf } from "./storage_key.ts";

/**
 * The number of ephemeral keys that are tried for one record: WebKitGTK refuses one of 256, with
 * `DataError`, as {@linkcode importable} says.
 */
const ephemeralKeys = 4;

/**
 * Encrypts a record.
 *
 * @param storageKey An age identity, `AGE-SECRET-KEY-1…`.
 * @param plain The caller wipes it.
 * @returns A binary age file, some 200 bytes longer.
 * @throws {DOMException} `DataError`, if the platform refused every ephemeral key.
 */
export async function encryptTo(storageKey: string, plain: Uint8Array): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await recipientOf(storageKey));
  for (let tried = 1;; tried++) {
    try {
      return await encrypter.encrypt(plain); // draws a new ephemeral key each time
    } catch (error) {
      const isRefused = error instanceof DOMException && error.name === "DataError";
      if (!isRefused || tried === ephemeralKeys) throw error;
    }
  }
}

/** Decrypts a record. @throws {Error} If it was encrypted to another key, or is no age file. */
export async function decryptWith(storageKey: string, sealed: Uint8Array): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(importable(storageKey));
  return await decrypter.decrypt(sealed);
}
