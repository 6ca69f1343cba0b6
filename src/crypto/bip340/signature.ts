/**
 * Schnorr signatures on secp256k1 as BIP-340 defines them, verified strictly, and their keys: the x
 * coordinate alone, which means the point with that x and an even y.
 * @module
 */
import { schnorr } from "@noble/curves/secp256k1.js";
import { groups } from "../group.ts";

const group = groups.secp256k1;

/**
 * Verifies a signature of `message` under `publicKey`. Stricter than BIP-340 in one place: s = 0 does not
 * pass, which an honest signature has once in 2^256.
 *
 * @param publicKey x, big-endian, 32 bytes.
 * @param message Of any length; Taproot and Nostr sign hashes of 32 bytes.
 * @param signature R's x and s, big-endian, 64 bytes.
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifyBip340(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return schnorr.verify(signature, message, publicKey);
}

/**
 * The key that BIP-340 verifies under.
 *
 * @param publicKey Compressed, 33 bytes, of either parity.
 * @returns 32 bytes.
 * @throws {Error} If it is no point.
 */
export function xOnly(publicKey: Uint8Array): Uint8Array {
  return group.encodeElement(group.decodeElement(publicKey)).slice(1);
}

/**
 * The point that a key of BIP-340 means: `lift_x`.
 *
 * @param publicKey 32 bytes.
 * @returns Compressed, 33 bytes, the first of them 02.
 * @throws {Error} If no point has this x.
 */
export function liftX(publicKey: Uint8Array): Uint8Array {
  return group.encodeElement(group.decodeElement(Uint8Array.of(2, ...publicKey)));
}

/** True if a compressed key of 33 bytes has an even y. */
export const hasEvenY = (publicKey: Uint8Array): boolean => publicKey[0] === 2;
