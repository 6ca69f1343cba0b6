/**
 * The sealed state of a pair: encrypted with age to its holder's storage key, like a share.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { PairCodec, PairOf } from "../schemes/stored/stored_scheme.ts";
import { decryptWith, encryptTo } from "../crypto/age/records.ts";

/**
 * Encrypts the state of a pair to its holder's storage key.
 *
 * @returns A binary age file of about 13 kB.
 */
export async function sealPair<Pair>(
  codec: PairCodec<Pair>,
  storageKey: string,
  of: PairOf,
  state: Pair,
): Promise<Uint8Array> {
  const plain = codec.encode(of, state);
  try {
    return await encryptTo(storageKey, plain);
  } finally {
    plain.fill(0);
  }
}

/**
 * Decrypts the state of a pair.
 *
 * @throws {SessionError} `share-corrupt` if it does not open, or belongs to another pair, wallet, key or
 * epoch.
 */
export async function openPair<Pair>(
  codec: PairCodec<Pair>,
  storageKey: string,
  of: PairOf,
  sealed: Uint8Array,
): Promise<Pair> {
  let plain: Uint8Array | null = null;
  try {
    plain = await decryptWith(storageKey, sealed);
    return codec.decode(of, plain);
  } catch (cause) {
    throw new SessionError("share-corrupt", { cause });
  } finally {
    plain?.fill(0);
  }
}
