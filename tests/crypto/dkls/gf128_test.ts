import assert from "node:assert/strict";
import { foldBlocks, multiplesOf } from "../../../src/crypto/dkls/gf128.ts";
import { wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { seeded } from "../../protocol/keys.ts";

/** The textbook's product, bit by bit. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (; b > 0n; b >>= 1n) {
    if (b & 1n) product ^= a;
    a <<= 1n;
    if (a >> 128n) a ^= (1n << 128n) | 0x87n;
  }
  return product;
}
const element = (words: Uint32Array, at: number) =>
  [3, 2, 1, 0].reduce((sum, w) => (sum << 32n) | BigInt(words[at + w]!), 0n);

Deno.test("foldBlocks() adds the inner product over GF(2^128) to what is there", () => {
  const random = seeded("gf128");
  for (const blocks of [1, 2, 4]) {
    for (const fill of [null, 0, 255]) {
      const draw = (bytes: number) =>
        wordsOf(fill === null ? random(bytes) : new Uint8Array(bytes).fill(fill));
      const coefficients = draw(16 * blocks), rows = draw(3 * 16 * blocks), before = draw(16);
      const out = new Uint32Array(12);
      out.set(before, 4);
      const from = 2 * 4 * blocks;
      foldBlocks(rows, from, multiplesOf(coefficients), out, 4);
      let expected = element(before, 0);
      for (let k = 0; k < blocks; k++) {
        expected ^= multiply(element(coefficients, 4 * k), element(rows, from + 4 * k));
      }
      assert.equal(element(out, 4), expected);
      assert.deepEqual([...out.subarray(0, 4), ...out.subarray(8)], [0, 0, 0, 0, 0, 0, 0, 0]);
    }
  }
});
