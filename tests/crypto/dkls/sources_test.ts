import assert from "node:assert/strict";
import * as parameters from "../../../src/crypto/dkls_parameters.ts";

const folder = new URL("../../../src/crypto/dkls/", import.meta.url);
const sources = [...Deno.readDirSync(folder)].map(({ name }) => ({
  name,
  text: Deno.readTextFileSync(new URL(name, folder)),
}));

// F05: fewer base OTs, a shorter check or fewer check inputs are not a matter of configuration.
Deno.test("the parameters of DKLs23 are 128 base OTs, ξ = 512, l = ρ = 2 and a check of 128 bits", () => {
  assert.deepEqual({ ...parameters }, {
    securityBits: 128,
    baseOts: 128,
    scalarBits: 256,
    statisticalBits: 128,
    choiceBits: 512,
    checkBits: 128,
    choiceBlocks: 4,
    columnWords: parameters.columnWords,
    inputs: 2,
    checkInputs: 2,
    width: 4,
  });
});

Deno.test("src/crypto/dkls draws no randomness of its own, knows no clock, and imports nothing of Node", () => {
  for (const { name, text } of sources) {
    assert.doesNotMatch(text, /from "node:|getRandomValues|Math\.random|randomSecretKey|Date\.|Deno\./, name);
  }
});

// F34: nothing here can have the faults of moduli that were not proven.
Deno.test("src/crypto/dkls has no Paillier encryption and no modulus of two primes", () => {
  for (const { name, text } of sources) {
    assert.doesNotMatch(text, /paillier|safe prime|pedersen param/i, name);
  }
});

Deno.test("src/crypto/dkls says of every file what it is and where it is written", () => {
  for (const { name, text } of sources) assert.match(text, /^\/\*\*[\s\S]*?@module\n \*\//, name);
});
