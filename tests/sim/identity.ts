/**
 * Identities whose signatures are made in this thread, at this moment: WebCrypto's come back in an order, and at a
 * time, that no seed decides.
 * @module
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { base64urlnopad, bech32 } from "@scure/base";
import { isWellFormed, keyPoint } from "../../src/crypto/ed25519.ts";
import { peerIdOf, publicKeyOf } from "../../src/identity/peer_key.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Identity, Random } from "../../src/ports.ts";

const storageKey = (random: Random) => bech32.encodeFromBytes("age-secret-key-", random(32)).toUpperCase();

const jwk = (bytes: Uint8Array) => base64urlnopad.encode(Uint8Array.from(bytes));
const keyObjects = new Map<PeerId, KeyObject>();

/** The public key of a peer, or null for one that is no key, or no key of prime order. */
function keyObjectOf(peer: PeerId): KeyObject | null {
  const known = keyObjects.get(peer);
  if (known) return known;
  const publicKey = publicKeyOf(peer);
  if (publicKey === null || keyPoint(publicKey) === null) return null;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: jwk(publicKey) }, format: "jwk" });
  keyObjects.set(peer, key);
  return key;
}

/** The verdict of `verifyEd25519`, by node:crypto: at once, in a twelfth of noble's time. */
export function verifyAtOnce(peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean {
  const key = keyObjectOf(peer);
  return key !== null && isWellFormed(signature) && verify(null, message, key, signature);
}

/** A real Ed25519 identity: its key by noble, its signatures by node:crypto. */
export function nobleIdentity(random: Random): Promise<Identity> {
  const peerSeed = random(32);
  const secrets = { peerSeed, storageKey: storageKey(random) };
  const publicKey = ed25519.getPublicKey(peerSeed);
  const key = createPrivateKey({
    key: { kty: "OKP", crv: "Ed25519", x: jwk(publicKey), d: jwk(peerSeed) },
    format: "jwk",
  });
  return Promise.resolve({
    peer: peerIdOf(publicKey),
    sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, key))),
    verify: (peer, message, signature) => Promise.resolve(verifyAtOnce(peer, message, signature)),
    secrets: () => secrets,
  });
}

/**
 * An identity for schedules by the thousand: a signature is a hash that names its signer. Nobody in a simulation
 * forges one: what is simulated is order, loss and malice, not the breaking of Ed25519.
 */
export function stubIdentity(random: Random, name: string): Promise<Identity> {
  const secrets = { peerSeed: random(32), storageKey: storageKey(random) };
  const stamp = (peer: string, message: Uint8Array): Uint8Array =>
    createHash("sha512").update(`${peer}\n`).update(message).digest();
  return Promise.resolve({
    peer: name,
    sign: (message) => Promise.resolve(new Uint8Array(stamp(name, message))),
    verify: (peer, message, signature) => {
      const right = stamp(peer, message);
      return Promise.resolve(signature.length === 64 && timingSafeEqual(right, signature));
    },
    secrets: () => secrets,
  });
}

/** Real identities whose peer ids sort as `names` do: the product orders by the one, schedules by the other. */
export function inOrder(names: readonly string[]): (random: Random, name: string) => Promise<Identity> {
  let all: Identity[] | null = null;
  return async (random, name) => {
    if (!names.includes(name)) return await nobleIdentity(random);
    if (all === null) {
      all = await Promise.all(names.map(() => nobleIdentity(random)));
      all.sort((a, b) => a.peer < b.peer ? -1 : 1);
    }
    return all[names.indexOf(name)]!;
  };
}
