/**
 * A hash as four words, for two people to compare by voice.
 * @module
 */
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** Bits of a word: the list has 2,048 of them (BIP-39). */
const wordBits = 11n;

/** Four words. */
export type FourWords = readonly [string, string, string, string];

/**
 * The first 44 bits of a digest as four words of BIP-39's English list.
 *
 * 44 bits stop only who has to guess: what is hashed must hold something that the other side chose after this side had
 * bound itself, as in {@linkcode joinDigest}. Of a fixed text, such as a peer id, somebody finds another with the same
 * words by search.
 *
 * @param digest At least 8 bytes.
 */
export function fourWords(digest: Uint8Array): FourWords {
  const bits = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) >> 20n; // 64 − 20 = 44
  const word = (i: bigint) => wordlist[Number(bits >> (wordBits * (3n - i)) & 2047n)]!;
  return [word(0n), word(1n), word(2n), word(3n)];
}
