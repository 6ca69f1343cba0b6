/**
 * The peer key: Ed25519 (RFC 8032), by WebCrypto, and its name as libp2p writes it.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { base58 } from "@scure/base";
import { isWellFormed, keyPoint } from "../crypto/ed25519.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";

/**
 * What precedes an Ed25519 public key in a peer id (libp2p specs, peer-ids): an identity multihash (0x00) of
 * 36 bytes (0x24), the protobuf `{ Type: Ed25519, Data: 32 bytes }`.
 */
const multihashPrefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);
/** Every peer id of an Ed25519 key is as long: 38 bytes whose first seven digits are fixed. */
const peerIdLength = 52;
/** What precedes a seed in a PKCS #8 private key (RFC 8410 §7). */
const pkcs8Prefix = Uint8Array.fromHex("302e020100300506032b657004220420");

/** The public keys that a node keeps imported: far more than a roster, and strangers cannot fill its memory. */
const maxImported = 1024;

/** @param publicKey 32 bytes. @returns 52 characters, `12D3Koo…`. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  if (publicKey.length !== 32) {
    throw new InputError("publicKey", `expected 32 bytes, found ${publicKey.length}`);
  }
  return base58.encode(join(multihashPrefix, publicKey));
}

/**
 * The public key, 32 bytes, or null if the text is not exactly what {@linkcode peerIdOf} writes for a key that can
 * sign: other encodings of a peer id are other texts, and here one peer has one name.
 */
export function publicKeyOf(peer: PeerId): Uint8Array | null {
  if (typeof peer !== "string" || peer.length !== peerIdLength) return null;
  try {
    const multihash = base58.decode(peer);
    const publicKey = multihash.slice(multihashPrefix.length);
    return peerIdOf(publicKey) === peer && keyPoint(publicKey) !== null ? publicKey : null;
  } catch {
    return null;
  }
}

/** A key that signs. */
export interface PeerKey {
  readonly peer: PeerId;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * @param seed The private key of RFC 8032 §5.1.5, 32 bytes.
 * @throws {InputError} `peerSeed`, if it has another length.
 * @throws {DOMException} `NotSupportedError`, where WebCrypto has no Ed25519.
 */
export async function peerKey(seed: Uint8Array): Promise<PeerKey> {
  if (seed.length !== 32) throw new InputError("peerSeed", `expected 32 bytes, found ${seed.length}`);
  const pkcs8 = join(pkcs8Prefix, seed);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  pkcs8.fill(0);
  return {
    peer: peerIdOf(ed25519.getPublicKey(seed)),
    async sign(message) {
      return new Uint8Array(await crypto.subtle.sign("Ed25519", key, message as BufferSource));
    },
  };
}

/** Whether `signature` is `peer`'s over `message`: false, never an error, for bytes or text of any other shape. */
export type Verify = (peer: PeerId, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/**
 * Verifies by WebCrypto, as {@linkcode verifyEd25519} does it by noble. Key and encodings are looked at here, because
 * WebCryptos differ about them. With a key of prime order all that are supported check the equation without the cofactor
 * (tests/crypto/ed25519_test.ts, e2e/ed25519_test.ts), so that R is of prime order too. Keeps public keys imported: that
 * takes as long as verifying.
 */
export function peerVerifier(): Verify {
  const imported = new Map<PeerId, Promise<CryptoKey | null>>();

  function keyOf(peer: PeerId): Promise<CryptoKey | null> {
    let key = imported.get(peer);
    if (key !== undefined) return key;
    const publicKey = publicKeyOf(peer);
    if (publicKey === null) return Promise.resolve(null);
    key = crypto.subtle.importKey("raw", publicKey as BufferSource, "Ed25519", false, ["verify"]);
    imported.set(peer, key);
    const [oldest] = imported.keys();
    if (imported.size > maxImported && oldest !== undefined) imported.delete(oldest);
    return key;
  }

  return async (peer, message, signature) => {
    try {
      if (!isWellFormed(signature)) return false;
      const key = await keyOf(peer);
      if (key === null) return false;
      return await crypto.subtle.verify("Ed25519", key, signature as BufferSource, message as BufferSource);
    } catch {
      return false;
    }
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
