import assert from "node:assert/strict";
import { bytesOf, maskAt, transpose, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { seeded } from "../../protocol/keys.ts";

Deno.test("transpose() puts bit j of row i at bit i of column j, and leaves the last columns out", () => {
  const rowWords = 6, columns = 160;
  const rows = wordsOf(seeded("bits")(128 * rowWords * 4));
  const out = transpose(rows, rowWords, columns);
  assert.equal(out.length, columns * 4);
  for (let i = 0; i < 128; i++) {
    for (let j = 0; j < columns; j++) {
      const row = rows.subarray(i * rowWords, (i + 1) * rowWords);
      assert.equal(maskAt(out.subarray(4 * j, 4 * j + 4), i), maskAt(row, j));
    }
  }
});

Deno.test("maskAt() is all ones or 0; bit i is bit i mod 8 of byte i / 8", () => {
  const bytes = Uint8Array.of(0b10000001, 1, 0, 0, 2, 0, 0, 0x80);
  const set = Array.from({ length: 64 }, (_, i) => i).filter((i) => maskAt(wordsOf(bytes), i) === -1);
  assert.deepEqual(set, [0, 7, 8, 33, 63]);
});

Deno.test("wordsOf() copies, also from bytes that begin at an odd place", () => {
  const bytes = Uint8Array.of(9, 1, 0, 0, 0, 2, 0, 0, 0);
  const words = wordsOf(bytes.subarray(1));
  assert.deepEqual([...words], [1, 2]);
  words.fill(0);
  assert.deepEqual([...bytes.subarray(1)], [1, 0, 0, 0, 2, 0, 0, 0]);
  assert.equal(bytesOf(words).buffer, words.buffer);
});
