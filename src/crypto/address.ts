/**
 * The addresses that a public key of secp256k1 has where most people look for them.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bech32 } from "@scure/base";

/** Coordinates of a point, uncompressed (SEC1 §2.3.3), without the prefix: 64 bytes. */
const coordinates = (publicKey: Uint8Array) => secp256k1.Point.fromBytes(publicKey).toBytes(false).slice(1);

/**
 * An Ethereum address: the last 20 bytes of Keccak-256 over the key's coordinates, with the checksum of EIP-55.
 *
 * @param publicKey 33 bytes, compressed.
 */
export function ethereumAddress(publicKey: Uint8Array): string {
  const digits = keccak_256(coordinates(publicKey)).slice(-20).toHex();
  const checksum = keccak_256(new TextEncoder().encode(digits)).toHex();
  return "0x" + [...digits].map((digit, i) => checksum[i]! >= "8" ? digit.toUpperCase() : digit).join("");
}

/**
 * A Bitcoin address that pays to the key's hash, version 0 of segregated witness (P2WPKH; BIP 141, BIP 173), on the main
 * network.
 *
 * @param publicKey 33 bytes, compressed.
 */
export function bitcoinAddress(publicKey: Uint8Array): string {
  return bech32.encode("bc", [0, ...bech32.toWords(ripemd160(sha256(publicKey)))]);
}
