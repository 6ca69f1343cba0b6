/**
 * A peer id in four words, for two people to compare by voice.
 * @module
 */
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { hash } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";

/** Bits of a word: the list has 2,048 of them (BIP-39). */
const wordBits = 11n;

/** Four words. */
export type Fingerprint = readonly [string, string, string, string];

/**
 * The first 44 bits of a SHA-256 of the peer id, under a tag of its own, as four words of BIP-39's English list.
 *
 * 44 bits tell apart any two peers that did not try to look alike, and stop who has to guess. They do not stop
 * somebody who knows the words beforehand and makes some 2^44 keys until one has the same: weeks of a graphics card.
 * So they go with an invitation, which such a key would need as well, and are never used in place of the peer id.
 */
export function fingerprint(peer: PeerId): Fingerprint {
  const digest = hash("quorate/1/fingerprint", peer);
  const bits = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) >> 20n; // 64 − 20 = 44
  const word = (i: bigint) => wordlist[Number(bits >> (wordBits * (3n - i)) & 2047n)]!;
  return [word(0n), word(1n), word(2n), word(3n)];
}
