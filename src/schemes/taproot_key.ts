/**
 * The Taproot outputs of a key of BIP-340, as whoever receives coins for it computes them.
 * @module
 */
import type { MerkleRoot } from "../crypto/bip340/taproot.ts";
import { InputError } from "../errors.ts";
import type { Scheme } from "../events.ts";
import { bip340 } from "./bip340.ts";

/** The choice of one output of a key. */
export interface TaprootChoice {
  /** Non-hardened indices (BIP-32) of the child that is the internal key; by default the key itself is. */
  path?: readonly number[];
  /** The root of its scripts (BIP-341), 32 bytes; by default, and if empty, it has none (BIP-86). */
  merkleRoot?: MerkleRoot;
}

/**
 * The output key of a key or its child (BIP-341), to which coins are sent: `taprootAddress` shows it as an
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
  if (key.scheme !== bip340.id) throw new InputError("scheme", `expected ${bip340.id}, found ${key.scheme}`);
  if (merkleRoot === null) throw new InputError("merkleRoot", "expected 0 or 32 bytes, found null");
  const { options } = bip340.fieldsOf({ message: new Uint8Array(), merkleRoot });
  return bip340.signingKeyOf(key, { path, options });
}
