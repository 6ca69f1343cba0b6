/**
 * ECDSA signatures on secp256k1: their parts, verification and encodings of fixed length. All are strict: low s only
 * (BIP 62, EIP 2), fixed lengths, scalars from 1 to the order - 1.
 *
 * The curve is noble's, and the equation of verification is here: noble's `secp256k1` comes only as a whole, with signing
 * and DER, which would make programs that only verify a tenth larger. `schnorr` has the same points.
 * @module
 */
import { schnorr } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { InputError } from "../../errors.ts";
import { type Element, groups } from "../group.ts";

const group = groups.secp256k1;
const { Point } = schnorr;
const { BASE, Fn } = Point;

/**
 * The hash that makes the digest of a message: SHA-256, SHA-256 twice (Bitcoin), or Keccak-256 (Ethereum).
 */
export type DigestHash = "sha256" | "sha256d" | "keccak256";

/**
 * The hash that a digest is said to have been made by; `other`: one that this library does not know, such as BLAKE2b.
 * Nothing checks it.
 */
export type ClaimedHash = DigestHash | "other";

/** A signature that has been verified. */
export interface CompactSignature {
  /** r and s, big-endian, s at most half the order: 64 bytes. */
  readonly compact: Uint8Array;
  /**
   * Selects R among the points with this r, 0 to 3: bit 0 is the parity of y, bit 1 is set if x was not below
   * the order.
   */
  readonly recovery: number;
}

/** The digest of a message, 32 bytes. @throws {InputError} `hash`, if it is `other`. */
export function digestOf(name: ClaimedHash, message: Uint8Array): Uint8Array {
  switch (name) {
    case "sha256":
      return sha256(message);
    case "sha256d":
      return sha256(sha256(message));
    case "keccak256":
      return keccak_256(message);
    case "other":
      throw new InputError("hash", "expected one that is known here to hash a message, found other");
    default:
      return name satisfies never;
  }
}

/**
 * The scalar that is signed for a digest.
 *
 * @returns Null if it is not 32 bytes, all zeros, or not below the order: no hash has such a value, and 0 is
 * not safe to sign.
 */
export function digestScalar(digest: Uint8Array): bigint | null {
  if (digest.length !== 32) return null;
  try {
    return group.decodeScalar(digest) || null;
  } catch {
    return null;
  }
}

/** The x coordinate of R modulo the order, and the {@linkcode CompactSignature.recovery} of R. */
export function nonceScalar(nonce: Element): { rx: bigint; recovery: number } {
  const { x, y } = nonce.toAffine() as { x: bigint; y: bigint };
  return { rx: group.reduce(x), recovery: Number(y & 1n) | (x >= group.order ? 2 : 0) };
}

/**
 * Joins r and s, with the lower of s and -s. Negating s means negating R, which flips the parity of its y.
 *
 * @returns Null if one of them is 0.
 */
export function assemble(
  { rx, recovery }: { rx: bigint; recovery: number },
  s: bigint,
): CompactSignature | null {
  if (rx === 0n || s === 0n) return null;
  const high = s > group.order / 2n;
  const compact = new Uint8Array(64);
  compact.set(group.encodeScalar(rx));
  compact.set(group.encodeScalar(high ? group.order - s : s), 32);
  return { compact, recovery: high ? recovery ^ 1 : recovery };
}

/**
 * The recovery of a signature of `digest`, by the equation of SEC 1 §4.1.4; null if it is no signature of it.
 *
 * @param publicKey 33 bytes, compressed.
 * @param digest 32 bytes; see {@linkcode digestScalar}.
 * @param compact 64 bytes. A high s does not pass.
 * @returns Null, never an error, for bytes of any other shape.
 */
export function recoveryOf(publicKey: Uint8Array, digest: Uint8Array, compact: Uint8Array): number | null {
  const e = digestScalar(digest);
  if (compact.length !== 64 || publicKey.length !== 33 || e === null) return null;
  try {
    const r = group.decodeScalar(compact.subarray(0, 32));
    const s = group.decodeScalar(compact.subarray(32));
    if (r === 0n || s === 0n || s > group.order / 2n) return null;
    const inverse = Fn.inv(s);
    const R = BASE.mulAddUnsafe(Fn.mul(e, inverse), Point.fromBytes(publicKey), Fn.mul(r, inverse));
    const { rx, recovery } = nonceScalar(R); // the identity has rx = 0, which r is not
    return rx === r ? recovery : null;
  } catch {
    return null; // a scalar over the order, or a key that is no point
  }
}

/** Whether `compact` is a signature of `digest`. The arguments are {@linkcode recoveryOf}'s. */
export function verifyEcdsa(publicKey: Uint8Array, digest: Uint8Array, compact: Uint8Array): boolean {
  return recoveryOf(publicKey, digest, compact) !== null;
}

/**
 * r, s and v = 27 + recovery: 65 bytes, as Ethereum's `ecrecover` reads them.
 *
 * @throws {RangeError} For recovery 2, 3.
 */
export function toEthereum({ compact, recovery }: CompactSignature): Uint8Array {
  if (recovery > 1) throw new RangeError(`Cannot encode for Ethereum: recovery is ${recovery}`);
  return Uint8Array.of(...compact, 27 + recovery);
}

/**
 * Whether 65 bytes in the form of {@linkcode toEthereum} are a signature of `digest` from which `publicKey`
 * is recovered. Another v would recover another address.
 *
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifyEthereum(publicKey: Uint8Array, digest: Uint8Array, bytes: Uint8Array): boolean {
  const recovery = bytes[64]! - 27;
  if (bytes.length !== 65 || (recovery !== 0 && recovery !== 1)) return false;
  return recoveryOf(publicKey, digest, bytes.subarray(0, 64)) === recovery;
}
