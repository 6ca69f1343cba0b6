/**
 * ECDSA on secp256k1, from digest to the forms in which signatures travel. Made strictly and read strictly: low s only
 * (BIP 62, EIP 2), fixed lengths, scalars from 1 to the order - 1.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { equal } from "./codec.ts";
import { type Element, groups } from "./group.ts";

const group = groups.secp256k1;
const { Signature } = secp256k1;

/** How a digest is made of a message: SHA-256, SHA-256 twice (Bitcoin), or Keccak-256 (Ethereum). */
export type DigestHash = "sha256" | "sha256d" | "keccak256";

/** A signature that has been verified. */
export interface EcdsaSignature {
  /** r and s, big-endian, s at most half the order: 64 bytes. */
  readonly compact: Uint8Array;
  /** Which of the points with this r was meant, 0 to 3: bit 0 is y's parity, bit 1 that x was over the order. */
  readonly recovery: number;
}

/** 32 bytes. */
export function digestOf(name: DigestHash, message: Uint8Array): Uint8Array {
  switch (name) {
    case "sha256":
      return sha256(message);
    case "sha256d":
      return sha256(sha256(message));
    case "keccak256":
      return keccak_256(message);
    default:
      return name satisfies never;
  }
}

/**
 * A digest as the scalar that is signed.
 *
 * @returns Null if it is not 32 bytes, all zeros, or not below the order: nobody's hash, and, for 0, not safe to sign.
 */
export function digestScalar(digest: Uint8Array): bigint | null {
  if (digest.length !== 32) return null;
  try {
    return group.decodeScalar(digest) || null;
  } catch {
    return null;
  }
}

/** R's x coordinate modulo the order, and the bits for {@linkcode EcdsaSignature.recovery} as R has them. */
export function nonceScalar(nonce: Element): { rx: bigint; recovery: number } {
  const { x, y } = nonce.toAffine() as { x: bigint; y: bigint };
  return { rx: group.reduce(x), recovery: Number(y & 1n) | (x >= group.order ? 2 : 0) };
}

/**
 * Puts r and s together, with the lower of s and -s: negating s is negating R, which turns the parity of its y.
 *
 * @returns Null if one of them is 0.
 */
export function assemble(
  { rx, recovery }: { rx: bigint; recovery: number },
  s: bigint,
): EcdsaSignature | null {
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

/** The public key, 33 bytes, that a signature was made with; null if there is none. */
export function recoverKey({ compact, recovery }: EcdsaSignature, digest: Uint8Array): Uint8Array | null {
  if (digestScalar(digest) === null) return null;
  try {
    const signature = Signature.fromBytes(compact, "compact").addRecoveryBit(recovery);
    return signature.recoverPublicKey(digest).toBytes();
  } catch {
    return null;
  }
}

/** The bits that {@linkcode recoverKey} takes to come to `publicKey`, 33 bytes; null if none does. */
export function recoveryOf(publicKey: Uint8Array, digest: Uint8Array, compact: Uint8Array): number | null {
  const found = [0, 1, 2, 3].find((recovery) => {
    const recovered = recoverKey({ compact, recovery }, digest);
    return recovered !== null && equal(recovered, publicKey);
  });
  return found ?? null;
}

/** Strict DER (BIP 66): 8 to 72 bytes. */
export function toDer({ compact }: EcdsaSignature): Uint8Array {
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

/** r, s and v = 27 + recovery: 65 bytes, as Ethereum's `ecrecover` reads them. @throws {RangeError} For recovery 2, 3. */
export function toEthereum({ compact, recovery }: EcdsaSignature): Uint8Array {
  if (recovery > 1) throw new RangeError(`Cannot encode for Ethereum: recovery is ${recovery}`);
  return Uint8Array.of(...compact, 27 + recovery);
}

/**
 * Whether 65 bytes as {@linkcode toEthereum} writes them are a signature of `digest`, and give `publicKey` to whoever
 * recovers it: another v is another address.
 *
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifyEthereum(publicKey: Uint8Array, digest: Uint8Array, bytes: Uint8Array): boolean {
  const compact = bytes.subarray(0, 64);
  const recovery = bytes[64]! - 27;
  if (bytes.length !== 65 || (recovery !== 0 && recovery !== 1)) return false;
  if (!verifyEcdsa(publicKey, digest, compact)) return false;
  const recovered = recoverKey({ compact, recovery }, digest);
  return recovered !== null && equal(recovered, publicKey);
}
