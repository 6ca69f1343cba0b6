/**
 * Taproot outputs (BIP-341): the key that a coin is sent to commits to a tree of scripts, or to the absence
 * of one.
 * @module
 */
import { schnorr } from "@noble/curves/secp256k1.js";
import { bytesToNumberBE } from "@noble/curves/utils.js";
import { InputError } from "../../errors.ts";
import { type BitcoinNetwork, witnessAddress } from "../address.ts";
import { liftX } from "./signature.ts";
import { hasOddY, tweakedPublicKey, untweaked, xOnlyTweak } from "./key_tweak.ts";

/** The root of a tree of scripts, 32 bytes; no bytes for an output that only its key can spend (BIP-86). */
export type MerkleRoot = Uint8Array;

/** The key that a coin is sent to. */
export interface TaprootOutput {
  /** x, 32 bytes: the witness program. */
  readonly outputKey: Uint8Array;
  /** True if its y is odd: a bit in the control block of a spend by script. */
  readonly oddY: boolean;
}

/**
 * The number whose multiple of G is added to the internal key: t of BIP-341's `taproot_tweak_pubkey`.
 *
 * @param internalKey x, 32 bytes.
 * @throws {InputError} `merkleRoot` if it is neither 0 nor 32 bytes, or, once in 2^128, hashes to no scalar.
 */
export function tapTweak(internalKey: Uint8Array, merkleRoot: MerkleRoot): bigint {
  if (merkleRoot.length !== 0 && merkleRoot.length !== 32) {
    throw new InputError("merkleRoot", `expected 0 or 32 bytes, found ${merkleRoot.length}`);
  }
  const tweak = bytesToNumberBE(schnorr.utils.taggedHash("TapTweak", internalKey, merkleRoot));
  if (tweak >= schnorr.Point.Fn.ORDER) throw new InputError("merkleRoot", "this root gives no output key");
  return tweak;
}

/**
 * The output of an internal key.
 *
 * @param internalKey x, 32 bytes.
 * @throws {InputError} `merkleRoot`, as {@linkcode tapTweak}.
 * @throws {Error} If no point has this x.
 */
export function taprootOutput(internalKey: Uint8Array, merkleRoot: MerkleRoot): TaprootOutput {
  const output = xOnlyTweak(untweaked(liftX(internalKey)), tapTweak(internalKey, merkleRoot));
  return { outputKey: tweakedPublicKey(output).slice(1), oddY: hasOddY(output) };
}

/**
 * The address of an output key: P2TR, version 1 of segregated witness, in bech32m (BIP-350).
 *
 * @param outputKey x, 32 bytes: of the output, not of the key that it was made of.
 * @throws {InputError} `outputKey` or `network`
 */
export function taprootAddress(outputKey: Uint8Array, network: BitcoinNetwork): string {
  if (outputKey.length !== 32) {
    throw new InputError("outputKey", `expected 32 bytes, found ${outputKey.length}`);
  }
  return witnessAddress(1, outputKey, network);
}
