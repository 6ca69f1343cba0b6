/**
 * ECDSA signatures in DER, strictly as BIP 66 has it.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { CompactSignature } from "./signature.ts";

const { Signature } = secp256k1;

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
