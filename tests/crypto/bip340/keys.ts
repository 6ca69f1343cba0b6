/**
 * Keys for tests of BIP-340, dealt in one place, signers of them, and the parities that come up on the way.
 * Not a test by itself.
 * @module
 */
import { secp256k1_hasher } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type Aggregate,
  aggregate,
  commit,
  type NonceCommitment,
  type Signing,
} from "../../../src/crypto/frost.ts";
import { drawPolynomial } from "../../../src/crypto/feldman.ts";
import { frostBip340 } from "../../../src/crypto/frost_bip340.ts";
import type { Element } from "../../../src/crypto/group.ts";
import { verifyBip340 } from "../../../src/crypto/bip340/signature.ts";
import { type TweakedKey, tweakedShare } from "../../../src/crypto/bip340/key_tweak.ts";
import { tweakedFrostKey } from "../../../src/crypto/bip340/signing_key.ts";
import { seeded } from "../../protocol/keys.ts";

export const { group } = frostBip340;
export const hex = (text: string) => Uint8Array.fromHex(text);
export const isOdd = (element: Element) => (element.toAffine() as { y: bigint }).y % 2n === 1n;

/** A group key with all its shares, those of identifiers 1..n in order. */
export interface DealtKey {
  threshold: number;
  publicKey: Uint8Array;
  chainCode: Uint8Array;
  verifyingShares: readonly Uint8Array[];
  shares: readonly Uint8Array[];
}

/** Deals a key of `n` members. The seed decides everything. */
export function dealKey(threshold: number, n: number, seed: string): DealtKey {
  const random = seeded(seed);
  using polynomial = drawPolynomial(group, threshold, random);
  const shares = Array.from({ length: n }, (_, i) => polynomial.share(i + 1));
  return {
    threshold,
    publicKey: group.encodeElement(polynomial.commitment[0]!),
    chainCode: random(32),
    verifyingShares: shares.map((share) => group.encodeElement(group.multiplyBase(share))),
    shares: shares.map((share) => group.encodeScalar(share)),
  };
}

/** The first of `make("0")`, `make("1")`, … that fits. */
export function firstThat<T>(make: (seed: string) => T, fits: (made: T) => boolean): T {
  for (let i = 0; i < 200; i++) {
    const made = make(`${i}`);
    if (fits(made)) return made;
  }
  throw new Error("none of 200 fits");
}

/** Both rounds up to the shares of the signature. */
export function shareAll(
  key: DealtKey,
  { tweaked, identifiers, message, seed = "nonces" }: {
    tweaked: TweakedKey;
    identifiers: readonly number[];
    message: Uint8Array;
    seed?: string;
  },
): { signing: Signing; shares: Map<number, Uint8Array> } {
  const nonces = new Map(identifiers.map((identifier) => {
    const share = tweakedShare(key.shares[identifier - 1]!, tweaked);
    return [identifier, commit(frostBip340, { identifier, share }, seeded(`${seed} ${identifier}`))];
  }));
  const commitments = new Map([...nonces].map(([identifier, { commitment }]) => [identifier, commitment]));
  const { threshold, publicKey, verifyingShares } = tweakedFrostKey(key, tweaked);
  const signing = { key: { threshold, publicKey, verifyingShares }, commitments, message };
  return { signing, shares: new Map([...nonces].map(([i, drawn]) => [i, drawn.signShare(signing)])) };
}

/** The aggregate of `shares`, where those of `forgers` are off by one. */
export function aggregateWith(
  { signing, shares }: ReturnType<typeof shareAll>,
  forgers: readonly number[] = [],
): Aggregate {
  const off = (share: Uint8Array) => group.encodeScalar(group.reduce(group.decodeScalar(share) + 1n));
  const answers = new Map([...shares].map(([i, share]) => [i, forgers.includes(i) ? off(share) : share]));
  return aggregate(frostBip340, signing, answers);
}

/**
 * The group commitment before anybody changes its sign (RFC 9591 §4.5), written out once more: noble keeps it
 * to itself. `publicKey` must have an even y.
 */
export function groupCommitment({ key, commitments, message }: Signing): Element {
  const name = "FROST-secp256k1-SHA256-TR-v1";
  const tagged = (tag: string, ...parts: Uint8Array[]) =>
    sha256(joined(new TextEncoder().encode(name + tag), ...parts));
  const sorted = [...commitments].sort(([a], [b]) => a - b);
  const id = (identifier: number) => group.encodeScalar(BigInt(identifier));
  const list = sorted.flatMap(([i, { hiding, binding }]) => [id(i), hiding, binding]);
  const prefix = joined(key.publicKey, tagged("msg", message), tagged("com", ...list));
  const part = ([i, { hiding, binding }]: [number, NonceCommitment]) => {
    const factor = secp256k1_hasher.hashToScalar(joined(prefix, id(i)), {
      DST: new TextEncoder().encode(`${name}rho`),
    });
    return group.decodeElement(hiding).add(group.combine([group.decodeElement(binding)], [factor]));
  };
  return sorted.map(part).reduce((a, b) => a.add(b), group.zero);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Verifies by noble and by libsecp256k1, which share no code, and holds them to the same answer. */
export function verifiesEverywhere(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const x = publicKey.slice(1);
  const ours = verifyBip340(x, message, signature);
  assert.equal(libsecp256k1.verifySchnorr(message, x, signature), ours);
  return ours;
}
