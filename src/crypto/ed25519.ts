/**
 * Ed25519 (RFC 8032 §5.1.7) verified in one way, by whichever library: keys of prime order, canonical encodings, S below
 * the order, and the equation without the cofactor. RFC 8032 lets verifiers differ in each of these, and two peers that
 * differ about one signature would blame each other for it.
 * @module
 */
import type { EdwardsPoint } from "@noble/curves/abstract/edwards.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { equal } from "./codec.ts";

const { Point } = ed25519;
const { BASE, Fn, Fp } = Point;
const order = Fn.ORDER;
const field = Fp.ORDER;
const signBit = 1n << 255n;

/** Keys looked at once: far more than a roster and its wallets have. 300 kB. */
const maxKeys = 1024;
const keys = new Map<string, EdwardsPoint | null>();

/**
 * The point of a public key, or null if nobody can be held to its signatures: not 32 bytes, not canonical, not on the
 * curve, or not of prime order. Under a key with a part of small order one signature may pass at one verifier and not at
 * another. The answer is kept: finding it takes longer than verifying.
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
 * Whether the 64 bytes of a signature are written in the one way that everybody accepts: S below the order, R's y below
 * the field's order, and R neither of the two points with x = 0. Those have a second encoding, and WebCrypto's
 * specification refuses them as points of small order. Whether R is on the curve, the equation shows.
 */
export function isWellFormed(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  if (bytesToNumberLE(signature.subarray(32)) >= order) return false;
  const y = bytesToNumberLE(signature.subarray(0, 32)) & (signBit - 1n);
  return y < field && y !== 1n && y !== field - 1n;
}

/**
 * Whether `signature` is one of `message` under `publicKey`. It compares the encoding of sB − kA with R's: there is no
 * cofactor that would let a part of small order in R pass.
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
  return equal(BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k)).toBytes(), R);
}
