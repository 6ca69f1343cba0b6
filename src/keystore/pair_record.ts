/**
 * What a holder keeps of a pair, at rest: encrypted with age to its storage key, like a share.
 * @module
 */
import { decodePair, encodePair, type PairOf, type PairState } from "../crypto/dkls/pair.ts";
import { SessionError } from "../errors.ts";
import { decryptWith, encryptTo } from "./age.ts";

/**
 * Encrypts the state of a pair to its holder's storage key.
 *
 * @returns A binary age file of about 13 kB.
 */
export async function sealPair(storageKey: string, of: PairOf, state: PairState): Promise<Uint8Array> {
  const plain = encodePair(of, state);
  try {
    return await encryptTo(storageKey, plain);
  } finally {
    plain.fill(0);
  }
}

/**
 * Decrypts the state of a pair.
 *
 * @throws {SessionError} `share-corrupt` if it does not open, or belongs to another pair, wallet, key or epoch.
 */
export async function openPair(storageKey: string, of: PairOf, sealed: Uint8Array): Promise<PairState> {
  let plain: Uint8Array | null = null;
  try {
    plain = await decryptWith(storageKey, sealed);
    return decodePair(of, plain);
  } catch (cause) {
    throw new SessionError("share-corrupt", { cause });
  } finally {
    plain?.fill(0);
  }
}
