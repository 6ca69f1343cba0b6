/**
 * Whether a signature is good, by the strict rules: what passes here passes any verifier.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Curve } from "../events.ts";
import { verifyEcdsa } from "./ecdsa_signature.ts";

/**
 * Verifies strictly: Ed25519 by RFC 8032 §5.1.7 with canonical encodings and without ZIP-215's leniency, ECDSA (SEC1
 * §4.1.4) with a low s.
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
  if (curve === "secp256k1") return verifyEcdsa(publicKey, message, signature);
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}
