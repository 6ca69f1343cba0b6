import assert from "node:assert/strict";
import { bitcoinAddress, ethereumAddress } from "../../src/crypto/address.ts";

// The generator itself is the key of BIP 173's examples; for Ethereum it is the address of the secret key 1.
const generator = Uint8Array.fromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

Deno.test("bitcoinAddress() gives the address of BIP 173's example key", () => {
  assert.equal(bitcoinAddress(generator), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
});

Deno.test("bitcoinAddress() gives the first address of BIP 84's example wallet", () => {
  const key = Uint8Array.fromHex("0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c");
  assert.equal(bitcoinAddress(key), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
});

Deno.test("ethereumAddress() gives the address of the secret key 1, with its checksum", () => {
  assert.equal(ethereumAddress(generator), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
});

Deno.test("ethereumAddress() refuses what is no key", () => {
  assert.throws(() => ethereumAddress(new Uint8Array(33)));
});
