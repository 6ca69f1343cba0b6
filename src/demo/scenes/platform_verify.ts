/**
 * A verifier that shares no arithmetic with the library that signs: WebCrypto for Ed25519, `node:crypto` for
 * ECDSA. No platform verifies BIP-340: this node's strict verifier does.
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, createPublicKey, verify } from "node:crypto";
import { verifyBip340 } from "../../crypto/bip340/signature.ts";
import type { Scheme } from "../../events.ts";
import { peerIdOf, peerVerifier } from "../../identity/peer_key.ts";

/** SubjectPublicKeyInfo of a compressed point of secp256k1, up to the point (RFC 5480 §2; SEC 2 §A.2.1). */
const spkiStart = Uint8Array.fromHex("3036301006072a8648ce3d020106052b8104000a032200");

/**
 * Whether the platform accepts a signature: for ECDSA r and s, over the SHA-256 of the message; for BIP-340 over that hash
 * too, under x of the public key, 33 bytes.
 */
export async function accepted({ scheme, publicKey, message, signature }: {
  scheme: Scheme;
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}): Promise<boolean> {
  if (scheme === "ecdsa") {
    const spki = Buffer.concat([spkiStart, publicKey]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
  }
  if (scheme === "bip340") {
    return verifyBip340(publicKey.subarray(1), createHash("sha256").update(message).digest(), signature);
  }
  return await peerVerifier()(peerIdOf(publicKey), message, signature);
}
