/**
 * Bits in 32-bit words: bit i of a vector is bit i mod 32 of word ⌊i / 32⌋, so that on the wire, where words
 * are little-endian, it is bit i mod 8 of byte ⌊i / 8⌋.
 * @module
 */

// This module views words as bytes and back, and so needs a little-endian machine, as all that run JavaScript
// are.
if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) {
  throw new Error("Cannot run here: this machine is big-endian");
}

/** A copy of `bytes` (a multiple of 4) as words. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  bytesOf(words).set(bytes);
  return words;
}

/** The same memory as bytes. */
export function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** A mask of all ones if bit `i` is set, else 0, which replaces a branch on a secret bit. */
export function maskAt(words: Uint32Array, i: number): number {
  return -((words[i >>> 5]! >>> (i & 31)) & 1);
}

/**
 * Transposes 128 rows of `rowWords` words into their first `columns` columns (a multiple of 32), 4 words
 * each: by blocks of 32 × 32, each in five steps of swaps (Hacker's Delight, 2nd edition, §7-3).
 */
export function transpose(rows: Uint32Array, rowWords: number, columns: number): Uint32Array {
  const out = new Uint32Array(columns * 4);
  const block = new Uint32Array(32);
  for (let r = 0; r < 4; r++) {
    for (let c = 0; c < columns >>> 5; c++) {
      for (let i = 0; i < 32; i++) block[31 - i] = rows[(r * 32 + i) * rowWords + c]!;
      transposeBlock(block);
      for (let i = 0; i < 32; i++) out[(c * 32 + i) * 4 + r] = block[31 - i]!;
    }
  }
  block.fill(0);
  return out;
}

function transposeBlock(block: Uint32Array): void {
  let mask = 0x0000ffff;
  for (let j = 16; j !== 0; j >>>= 1, mask ^= mask << j) {
    for (let k = 0; k < 32; k = (k + j + 1) & ~j) {
      const t = (block[k]! ^ (block[k + j]! >>> j)) & mask;
      block[k]! ^= t;
      block[k + j]! ^= t << j;
    }
  }
}
