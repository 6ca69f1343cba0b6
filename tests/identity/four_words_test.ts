import assert from "node:assert/strict";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { hash } from "../../src/crypto/codec.ts";
import { fourWords } from "../../src/identity/four_words.ts";

const digests = Array.from({ length: 200 }, (_, i) => hash("test", i));

Deno.test("fourWords() is the first 44 bits of a digest, eleven to a word", () => {
  for (const digest of digests) {
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const words = [0, 11, 22, 33].map((at) => wordlist[parseInt(bits.slice(at, at + 11), 2)]);
    assert.deepEqual(fourWords(digest), words);
  }
});

Deno.test("fourWords() never changes, and reads a part of a larger buffer where it lies", () => {
  const digest = Uint8Array.fromHex("00112233445566778899");
  assert.deepEqual(fourWords(digest), ["abandon", "math", "mimic", "master"]);
  assert.deepEqual(fourWords(Uint8Array.of(1, 2, 3, ...digest).subarray(3)), fourWords(digest));
  assert.equal(new Set(digests.flatMap((digest) => fourWords(digest))).size > 600, true, "all places vary");
});
