/**
 * The public key of a signature, as noble recovers it. Not a test by itself.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { CompactSignature } from "../../../src/crypto/ecdsa/signature.ts";

/** The public key, 33 bytes, under which a signature was made. @throws {Error} If there is none. */
export function recoverKey({ compact, recovery }: CompactSignature, digest: Uint8Array): Uint8Array {
  const signature = secp256k1.Signature.fromBytes(compact, "compact").addRecoveryBit(recovery);
  return signature.recoverPublicKey(digest).toBytes();
}
