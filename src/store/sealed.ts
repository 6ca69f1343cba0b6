/**
 * Sealed bookkeeping records: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under one data key for each
 * store. The data key is in the store too, encrypted with age to the node's storage key. Shares are not
 * sealed like this: the vault encrypts each of them to the storage key.
 *
 * A sealed row proves that a holder of the data key wrote it under its name. It does not prove that nothing
 * newer was written: anyone who can write to the disk can replace it by an older row, or delete it.
 * @module
 */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { decryptWith, encryptTo } from "../crypto/age/records.ts";
import { isRecipient, recipientOf } from "../crypto/age/storage_key.ts";
import { bytes, bytesUpTo, equal, hash, record, text } from "../crypto/codec.ts";
import { InputError, StoreError } from "../errors.ts";
import type { IdentitySecrets, Random, Store } from "../ports.ts";

/** A {@linkcode Store} with the data key: rows are plain for the caller, and sealed in the store. */
export interface SealedRecords {
  /** Reads and opens a row. @throws {StoreError} Naming the record, also if it does not open. */
  get(name: string): Promise<{ version: number; plain: Uint8Array } | null>;
  /** See {@linkcode Store.swap}. @throws {StoreError} */
  swap(name: string, from: number | null, plain: Uint8Array | null): Promise<boolean>;
  /** See {@linkcode Store.names}. @throws {StoreError} */
  names(prefix: string): Promise<string[]>;
  /** Deletes a row, even one that does not open. @throws {StoreError} */
  erase(name: string): Promise<void>;
}

const nonceBytes = 24;
const tagBytes = 16;

/** The associated data of a row, which binds it to its name. */
const place = record("quorate/row/1", { name: text(1024) });

/**
 * Seals and opens the rows of `store`. A row is nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes): 40 bytes more
 * than its content. A nonce is drawn for each write; 24 random bytes do not repeat.
 *
 * @param key The data key, 32 bytes: see {@linkcode openDataKey}.
 */
export function sealedRecords(store: Store, key: Uint8Array, random: Random): SealedRecords {
  function seal(name: string, plain: Uint8Array): Uint8Array {
    const nonce = random(nonceBytes);
    const sealed = xchacha20poly1305(key, nonce, place.encode({ name })).encrypt(plain);
    const row = new Uint8Array(nonceBytes + sealed.length);
    row.set(nonce);
    row.set(sealed, nonceBytes);
    return row;
  }

  function open(name: string, row: Uint8Array): Uint8Array {
    try {
      const nonce = row.subarray(0, nonceBytes);
      return xchacha20poly1305(key, nonce, place.encode({ name })).decrypt(row.subarray(nonceBytes));
    } catch (cause) {
      throw damaged(name, row.length < nonceBytes + tagBytes ? "it is too short" : "it does not open", cause);
    }
  }

  return {
    async get(name) {
      const found = await store.get(name);
      return found && { version: found.version, plain: open(name, found.sealed) };
    },
    swap: async (name, from, plain) => await store.swap(name, from, plain && seal(name, plain)),
    names: (prefix) => store.names(prefix),
    async erase(name) {
      for (;;) {
        const found = await store.get(name);
        if (found === null || await store.swap(name, found.version, null)) return;
      }
    },
  };
}

/** The name of the data key's row. */
export const dataKeyName = "data-key";

/** The data key's row: the age recipient of its owner, and the age file with {@linkcode dataKey}. */
const dataKeyRow = record("quorate/data-key-row/1", { recipient: text(128), sealed: bytesUpTo(1024) });

/**
 * The data key, and a proof by the holder of the storage key: anyone could encrypt another data key to it.
 */
const dataKey = record("quorate/data-key/1", { key: bytes(32), proof: bytes(32) });
const prove = (key: Uint8Array, { storageKey }: IdentitySecrets) =>
  hash("quorate/data-key-proof/1", storageKey, key);

/**
 * The data key of `store`, 32 bytes: made on the first call, once, by compare-and-set.
 *
 * @throws {InputError} `identity`, if the store belongs to another storage key.
 * @throws {StoreError} If the row cannot be read or written, or is damaged. It is never replaced.
 */
export async function openDataKey(
  store: Store,
  secrets: IdentitySecrets,
  random: Random,
): Promise<Uint8Array> {
  const found = await store.get(dataKeyName);
  if (found !== null) return await unwrap(found.sealed, secrets);
  const key = random(32);
  if (await store.swap(dataKeyName, null, await wrap(key, secrets))) return key;
  // Another process was faster: its key is the data key.
  const other = await store.get(dataKeyName);
  if (other === null) throw damaged(dataKeyName, "it is being deleted by someone else");
  return await unwrap(other.sealed, secrets);
}

async function wrap(key: Uint8Array, secrets: IdentitySecrets): Promise<Uint8Array> {
  const recipient = await recipientOf(secrets.storageKey);
  const sealed = await encryptTo(secrets.storageKey, dataKey.encode({ key, proof: prove(key, secrets) }));
  return dataKeyRow.encode({ recipient, sealed });
}

async function unwrap(row: Uint8Array, secrets: IdentitySecrets): Promise<Uint8Array> {
  const recipient = await recipientOf(secrets.storageKey);
  let owner, sealed;
  try {
    ({ recipient: owner, sealed } = dataKeyRow.decode(row));
  } catch (cause) {
    throw damaged(dataKeyName, "it does not decode", cause);
  }
  if (owner !== recipient) {
    if (!isRecipient(owner)) throw damaged(dataKeyName, "it does not name an owner");
    throw new InputError("identity", `expected ${owner}, to which this store belongs, found ${recipient}`, {
      code: "foreign",
    });
  }
  let opened;
  try {
    opened = dataKey.decode(await decryptWith(secrets.storageKey, sealed));
  } catch (cause) {
    throw damaged(dataKeyName, "it does not open", cause);
  }
  if (!equal(opened.proof, prove(opened.key, secrets))) {
    throw damaged(dataKeyName, "it was not written by its owner");
  }
  return opened.key;
}

const damaged = (name: string, why: string, cause?: unknown) =>
  new StoreError(`Cannot open ${JSON.stringify(name)}: ${why}`, { cause });
