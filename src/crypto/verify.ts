/**
 * Whether a signature is good, by the strict rules: what passes here passes any verifier.
 * @module
 */
import type { Curve } from "../events.ts";
import { verifyEcdsa } from "./ecdsa_signature.ts";
import { verifyEd25519 } from "./ed25519.ts";

/**
 * Verifies strictly: Ed25519 (RFC 8032 §5.1.7) by {@linkcode verifyEd25519}, ECDSA (SEC1 §4.1.4) with a low s.
 *
 * @param publicKey ed25519: 32 bytes; secp256k1: 33, compressed.
 * @param message ed25519: the message; secp256k1: its digest, 32 bytes.
 * @param signature 64 bytes.
 * @returns False, never an error, for bytes of any other shape.
 */
export function verifySignature(
  curve: Curve,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return curve === "secp256k1"
    ? verifyEcdsa(publicKey, message, signature)
    : verifyEd25519(publicKey, message, signature);
}
