/**
 * ECDSA signatures on secp256k1: their parts, verification and encodings. All are strict: low s only (BIP 62,
 * EIP 2), fixed lengths, scalars from 1 to the order - 1.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes } from "@noble/curves/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { InputError } from "../errors.ts";
import { type Element, groups } from "./group.ts";

const group = groups.secp256k1;
const { Signature } = secp256k1;

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
 * Whether `compact` is a signature of `digest`.
 *
 * @param publicKey 33 bytes, compressed.
 * @param digest 32 bytes; see {@linkcode digestScalar}.
 * @param compact 64 bytes. A high s does not pass.
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifyEcdsa(publicKey: Uint8Array, digest: Uint8Array, compact: Uint8Array): boolean {
  if (compact.length !== 64 || publicKey.length !== 33 || digestScalar(digest) === null) return false;
  try {
    return secp256k1.verify(compact, digest, publicKey, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

/** The public key, 33 bytes, under which a signature was made; null if there is none. */
export function recoverKey({ compact, recovery }: CompactSignature, digest: Uint8Array): Uint8Array | null {
  if (digestScalar(digest) === null) return null;
  try {
    const signature = Signature.fromBytes(compact, "compact").addRecoveryBit(recovery);
    return signature.recoverPublicKey(digest).toBytes();
  } catch {
    return null;
  }
}

/** The recovery with which {@linkcode recoverKey} gives `publicKey`, 33 bytes; null if none does. */
export function recoveryOf(publicKey: Uint8Array, digest: Uint8Array, compact: Uint8Array): number | null {
  const found = [0, 1, 2, 3].find((recovery) => {
    const recovered = recoverKey({ compact, recovery }, digest);
    return recovered !== null && equalBytes(recovered, publicKey);
  });
  return found ?? null;
}

/** Strict DER (BIP 66): 8 to 72 bytes. */
export function toDer({ compact }: CompactSignature): Uint8Array {
  return Signature.fromBytes(compact, "compact").toBytes("der");
}

/**
 * Reads strict DER with a low s.
 *
 * @returns The compact form; null for any other bytes.
 */
export function fromDer(der: Uint8Array): Uint8Array | null {
  try {
    const signature = Signature.fromBytes(der, "der");
    const canonical = signature.toBytes("der");
    const same = canonical.length === der.length && canonical.every((byte, i) => byte === der[i]);
    return same && !signature.hasHighS() ? signature.toBytes("compact") : null;
  } catch {
    return null;
  }
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
  const compact = bytes.subarray(0, 64);
  const recovery = bytes[64]! - 27;
  if (bytes.length !== 65 || (recovery !== 0 && recovery !== 1)) return false;
  if (!verifyEcdsa(publicKey, digest, compact)) return false;
  const recovered = recoverKey({ compact, recovery }, digest);
  return recovered !== null && equalBytes(recovered, publicKey);
}
