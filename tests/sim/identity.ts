/**
 * Identities whose signatures are made in this thread, at this moment: WebCrypto's come back in an order, and at a
 * time, that no seed decides.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { bech32 } from "@scure/base";
import { verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { peerIdOf, publicKeyOf } from "../../src/identity/peer_key.ts";
import type { Identity, Random } from "../../src/ports.ts";

const storageKey = (random: Random) => bech32.encodeFromBytes("age-secret-key-", random(32)).toUpperCase();

/** A real Ed25519 identity, by noble. */
export function nobleIdentity(random: Random): Promise<Identity> {
  const peerSeed = random(32);
  const secrets = { peerSeed, storageKey: storageKey(random) };
  return Promise.resolve({
    peer: peerIdOf(ed25519.getPublicKey(peerSeed)),
    sign: (message) => Promise.resolve(ed25519.sign(message, peerSeed)),
    verify: (peer, message, signature) => {
      const key = publicKeyOf(peer);
      return Promise.resolve(key !== null && verifyEd25519(key, message, signature));
    },
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
