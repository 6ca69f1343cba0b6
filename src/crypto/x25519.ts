/**
 * The encryption of links: X25519 (RFC 7748), HKDF-SHA256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439).
 * @module
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { PeerId } from "../failure.ts";
import type { Random } from "../ports.ts";
import { hash } from "./codec.ts";

/** An ephemeral key pair, 32 bytes each. Leaving its scope wipes the secret. */
export interface KeyPair extends Disposable {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Draws a key pair: 32 random bytes, clamped when used (RFC 7748 §5). */
export function keyPair(random: Random): KeyPair {
  const secret = random(32);
  return {
    secret,
    publicKey: x25519.getPublicKey(secret),
    [Symbol.dispose]: () => void secret.fill(0),
  };
}

/**
 * The raw shared secret, 32 bytes. It is not a key: it must be hashed together with its context.
 *
 * @throws {Error} If `theirPublic` is not 32 bytes, or of low order: then the secret would be all zeros (RFC
 * 7748 §6.1).
 */
export function shared(secret: Uint8Array, theirPublic: Uint8Array): Uint8Array {
  const agreed = x25519.getSharedSecret(secret, theirPublic);
  if (agreed.every((byte) => byte === 0)) {
    throw new Error("Cannot agree on a secret: the point is of low order");
  }
  return agreed;
}

/** The key of one direction of one session, 32 bytes. `linkSecret` is the link's, 32 bytes or more. */
export function directionKey(
  linkSecret: Uint8Array,
  session: Uint8Array,
  from: PeerId,
  to: PeerId,
): Uint8Array {
  const info = hash("quorate/1/direction", session, from, to);
  return hkdf(sha256, linkSecret, undefined, info, 32);
}

/**
 * The nonce of a frame: 4 zero bytes and the counter, 8 bytes, big-endian. A key serves one direction of one
 * session.
 */
function nonce(counter: number): Uint8Array {
  if (!Number.isSafeInteger(counter) || counter < 0) {
    throw new RangeError(`Cannot seal: ${counter} is no counter`);
  }
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setBigUint64(4, BigInt(counter));
  return bytes;
}

/**
 * Encrypts `plain` and binds `header` to it: 16 bytes longer than `plain`.
 *
 * @param counter From 0. The caller must never use one twice under one key.
 */
export function seal(key: Uint8Array, counter: number, header: Uint8Array, plain: Uint8Array): Uint8Array {
  return chacha20poly1305(key, nonce(counter), header).encrypt(plain);
}

/**
 * Decrypts the output of {@linkcode seal}.
 *
 * @returns Null, not an error, if it does not open: another key, counter or header, or changed bytes, as on a
 * broken link.
 */
export function open(
  key: Uint8Array,
  counter: number,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < 16) return null;
  try {
    return chacha20poly1305(key, nonce(counter), header).decrypt(sealed);
  } catch {
    return null;
  }
}
