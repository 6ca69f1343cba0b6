import { chacha20 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import assert from "node:assert/strict";
import { bytesOf, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { forgetLast, shortOracle } from "../../../src/crypto/dkls/short_oracle.ts";
import { seeded } from "../../protocol/keys.ts";

/** The same by noble's functions. */
function reference(long: Uint32Array, number: number, short: readonly number[], words: number): Uint8Array {
  const input = new DataView(new ArrayBuffer(52));
  [...long, number, ...short].forEach((word, i) => input.setUint32(4 * i, word));
  const key = sha256(new Uint8Array(input.buffer));
  return chacha20(key, new Uint8Array(12), new Uint8Array(4 * words));
}

Deno.test("shortOracle() is noble's ChaCha20 under noble's SHA-256", () => {
  const random = seeded("short oracle");
  for (let n = 0; n < 200; n++) {
    const fill = [0, 255, null][n] ?? null;
    const draw = (bytes: number) => wordsOf(fill === null ? random(bytes) : new Uint8Array(bytes).fill(fill));
    const all = draw(16 * 4), short = draw(16);
    const number = draw(4)[0]!;
    const words = [16, 20, 32, 68, 4_100][n % 5]!;
    const out = new Uint32Array(words + 2);
    const [s0, s1, s2, s3] = short as unknown as [number, number, number, number];
    shortOracle(all, 5, number, s0, s1, s2, s3, out, 1, words);
    assert.deepEqual(bytesOf(out).slice(4, -4), reference(all.slice(5, 13), number, [...short], words));
    assert.deepEqual([out[0], out[words + 1]], [0, 0], "nothing beside it is touched");
  }
});

Deno.test("forgetLast() changes nothing of what comes next", () => {
  const long = new Uint32Array(8).fill(3);
  const once = new Uint32Array(16), again = new Uint32Array(16);
  shortOracle(long, 0, 1, 2, 3, 4, 5, once, 0, 16);
  forgetLast();
  shortOracle(long, 0, 1, 2, 3, 4, 5, again, 0, 16);
  assert.deepEqual(once, again);
});
