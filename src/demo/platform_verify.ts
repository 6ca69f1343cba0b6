/**
 * A verifier whose arithmetic is not that of the library that signs: WebCrypto for Ed25519, `node:crypto` for ECDSA.
 * @module
 */
import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import type { Curve } from "../events.ts";
import { peerIdOf, peerVerifier } from "../identity/peer_key.ts";

/** SubjectPublicKeyInfo of a compressed point of secp256k1, up to the point (RFC 5480 §2; SEC 2 §A.2.1). */
const spkiStart = Uint8Array.fromHex("3036301006072a8648ce3d020106052b8104000a032200");

/** Whether the platform accepts a signature: for secp256k1 r and s, over the SHA-256 of the message. */
export async function accepted({ curve, publicKey, message, signature }: {
  curve: Curve;
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}): Promise<boolean> {
  if (curve === "secp256k1") {
    const spki = Buffer.concat([spkiStart, publicKey]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  }
  return await peerVerifier()(peerIdOf(publicKey), message, signature);
}
