/**
 * The Taproot outputs of a key of BIP-340, as whoever receives coins for it computes them.
 * @module
 */
import type { MerkleRoot } from "../crypto/bip340/taproot.ts";
import { InputError } from "../errors.ts";
import type { Scheme } from "../events.ts";
import { bip340Verifying } from "./verifying/bip340_verifying.ts";

/** The choice of one output of a key. */
export interface TaprootChoice {
  /** Non-hardened indices (BIP-32) of the child that is the internal key; by default the key itself is. */
  path?: readonly number[];
  /** The root of its scripts (BIP-341), 32 bytes; by default, and if empty, it has none (BIP-86). */
  merkleRoot?: MerkleRoot;
}

/**
 * The output key of a key or its child (BIP-341), to which coins are sent; `bitcoinAddress` shows it as an
 * address. A signature that spends the output by its key is asked for with the same `path` and `merkleRoot`.
 *
 * @param key A key for `bip340`: 33 bytes, or x alone, 32; its chain code is 32 bytes.
 * @returns x, 32 bytes.
 * @throws {InputError} `scheme`, `path` or `merkleRoot`
 */
export function taprootOutputKey(
  key: { readonly scheme: Scheme; readonly publicKey: Uint8Array; readonly chainCode: Uint8Array },
  { path = [], merkleRoot = new Uint8Array() }: TaprootChoice = {},
): Uint8Array {
  const { id, inputOf, verifyingKeyOf } = bip340Verifying;
  if (key.scheme !== id) throw new InputError("scheme", `expected ${id}, found ${key.scheme}`);
  if (merkleRoot === null) throw new InputError("merkleRoot", "expected 0 or 32 bytes, found null");
  const { options } = inputOf({ message: new Uint8Array(), merkleRoot });
  return verifyingKeyOf(key, { path, options });
}
