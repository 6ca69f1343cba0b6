/**
 * A hash as four words, for two people to compare by voice.
 * @module
 */
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Bits of a word: the list has 2,048 words (BIP-39). */
const wordBits = 11n;

/** Four words. */
export type FourWords = readonly [string, string, string, string];

/**
 * The first 44 bits of a digest as four words of BIP-39's English list.
 *
 * 44 bits are enough only if an attacker has one guess: the hashed value must contain something that the
 * other side chose after this side had committed itself, as in {@linkcode joinDigest}. For a fixed text, such
 * as a peer id, a search finds another text with the same words.
 *
 * @param digest At least 8 bytes.
 */
export function fourWords(digest: Uint8Array): FourWords {
  const bits = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) >> 20n; // 64 − 20 = 44
  const word = (i: bigint) => wordlist[Number(bits >> (wordBits * (3n - i)) & 2047n)]!;
  return [word(0n), word(1n), word(2n), word(3n)];
}
