/**
 * The peer key: Ed25519 (RFC 8032) by WebCrypto, and the peer id, its name in libp2p.
 * @module
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { base58, base64urlnopad } from "@scure/base";
import { isWellFormed, keyPoint } from "../crypto/ed25519.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";

/**
 * The bytes before an Ed25519 public key in a peer id (libp2p specs, peer-ids): an identity multihash (0x00)
 * of 36 bytes (0x24), the protobuf `{ Type: Ed25519, Data: 32 bytes }`.
 */
const multihashPrefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);
/** The length of every Ed25519 peer id: the prefix fixes its first digits, so that all are equally long. */
const peerIdLength = 52;

/**
 * The most public keys that a node keeps imported: far more than a roster has, so that strangers cannot fill
 * memory.
 */
const maxImported = 1024;

/** The peer id of a key. @param publicKey 32 bytes. @returns 52 characters, `12D3Koo…`. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  if (publicKey.length !== 32) {
    throw new InputError("publicKey", `expected 32 bytes, found ${publicKey.length}`);
  }
  return base58.encode(join(multihashPrefix, publicKey));
}

/**
 * The public key of a peer id, 32 bytes. Null if the text is not exactly what {@linkcode peerIdOf} writes for
 * a key that can sign: a peer must have one name only, so other encodings of a peer id are refused.
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

/** A peer key that can sign. */
export interface PeerKey {
  readonly peer: PeerId;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * The peer key of a seed.
 *
 * @param seed The private key of RFC 8032 §5.1.5, 32 bytes.
 * @throws {InputError} `peerSeed`, if it has another length.
 * @throws {DOMException} `NotSupportedError`, if WebCrypto has no Ed25519.
 */
export async function peerKey(seed: Uint8Array): Promise<PeerKey> {
  if (seed.length !== 32) throw new InputError("peerSeed", `expected 32 bytes, found ${seed.length}`);
  const publicKey = ed25519.getPublicKey(seed);
  // As JWK (RFC 8037 §2): as PKCS #8, WebKitGTK refuses every seed whose first byte is zero.
  const [x, d] = [base64urlnopad.encode(publicKey), base64urlnopad.encode(seed)];
  const jwk = { kty: "OKP", crv: "Ed25519", x, d };
  const key = await crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["sign"]);
  return {
    peer: peerIdOf(publicKey),
    async sign(message) {
      return new Uint8Array(await crypto.subtle.sign("Ed25519", key, message as BufferSource));
    },
  };
}

/**
 * Whether `signature` is `peer`'s over `message`: false, never an error, for bytes or text of any other
 * shape.
 */
export type Verify = (peer: PeerId, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/**
 * A verifier by WebCrypto, with the rules of {@linkcode verifyEd25519}. Key and encodings are checked here,
 * because implementations of WebCrypto differ about them. For a key of prime order, all supported ones check
 * the equation without the cofactor (tests/crypto/ed25519_test.ts, e2e/ed25519_test.ts), so that R is of
 * prime order too. Imported public keys are kept, because importing one takes as long as verifying.
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
