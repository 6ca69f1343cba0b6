/**
 * Strict verification of Ed25519 (RFC 8032 §5.1.7), with the same result in every library: keys of prime
 * order, canonical encodings, S below the order, and the equation without the cofactor. RFC 8032 lets
 * verifiers differ in each of these, and two peers that disagree about a signature would blame each other for
 * it.
 * @module
 */
import type { EdwardsPoint } from "@noble/curves/abstract/edwards.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, equalBytes } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";

const { Point } = ed25519;
const { BASE, Fn, Fp } = Point;
const order = Fn.ORDER;
const field = Fp.ORDER;
const signBit = 1n << 255n;

/** The most keys whose check is remembered: far more than a roster and its wallets have. 300 kB. */
const maxKeys = 1024;
const keys = new Map<string, EdwardsPoint | null>();

/**
 * The point of a public key, or null for one that cannot be trusted: not 32 bytes, not canonical, not on the
 * curve, or not of prime order. Under a key with a component of small order, verifiers may disagree about a
 * signature. The result is remembered, because this check takes longer than a verification.
 */
export function keyPoint(publicKey: Uint8Array): EdwardsPoint | null {
  if (publicKey.length !== 32) return null;
  const name = publicKey.toHex();
  const known = keys.get(name);
  if (known !== undefined) return known;
  const point = readKey(publicKey);
  keys.set(name, point);
  if (keys.size > maxKeys) keys.delete(keys.keys().next().value!);
  return point;
}

function readKey(publicKey: Uint8Array): EdwardsPoint | null {
  try {
    const point = Point.fromBytes(publicKey);
    return !point.is0() && point.isTorsionFree() ? point : null;
  } catch {
    return null;
  }
}

/**
 * Whether a signature of 64 bytes has the one encoding that every verifier accepts: S below the order, the y
 * of R below the order of the field, and R neither of the two points with x = 0. Those have a second
 * encoding, and WebCrypto's specification rejects them as points of small order. The equation shows whether R
 * is on the curve.
 */
export function isWellFormed(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  if (bytesToNumberLE(signature.subarray(32)) >= order) return false;
  const y = bytesToNumberLE(signature.subarray(0, 32)) & (signBit - 1n);
  return y < field && y !== 1n && y !== field - 1n;
}

/**
 * Whether `signature` is a signature of `message` under `publicKey`. The encoding of sB − kA must be that of
 * R: without the cofactor, an R with a component of small order does not pass.
 *
 * @param publicKey 32 bytes.
 * @param signature 64 bytes.
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = keyPoint(publicKey);
  if (key === null || !isWellFormed(signature)) return false;
  const R = signature.subarray(0, 32);
  const s = bytesToNumberLE(signature.subarray(32));
  const k = Fn.create(bytesToNumberLE(sha512.create().update(R).update(publicKey).update(message).digest()));
  return equalBytes(BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes(), R);
}
