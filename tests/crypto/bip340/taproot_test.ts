import { NETWORK, p2tr, TEST_NETWORK } from "@scure/btc-signer";
import fc from "fast-check";
import assert from "node:assert/strict";
import { xOnly } from "../../../src/crypto/bip340/signature.ts";
import { taprootAddress, taprootOutput, tapTweak } from "../../../src/crypto/bip340/taproot.ts";
import { InputError } from "../../../src/errors.ts";
import { seeded } from "../../protocol/keys.ts";
import wallet from "../../vectors/bip340/bip341_wallet.json" with { type: "json" };
import { group, hex } from "./keys.ts";

// tests/vectors/bip340/README.md
const none = new Uint8Array();
const rootOf = (merkleRoot: string | null) => merkleRoot === null ? none : hex(merkleRoot);

Deno.test("taprootOutput() and taprootAddress() give BIP-341's wallet vectors: tweak, key, address, parity", () => {
  const parities = new Set<boolean>();
  assert.equal(wallet.scriptPubKey.length, 7);
  for (const { given, intermediary, expected } of wallet.scriptPubKey) {
    const internalKey = hex(given.internalPubkey);
    const root = rootOf(intermediary.merkleRoot);
    assert.equal(group.encodeScalar(tapTweak(internalKey, root)).toHex(), intermediary.tweak);
    const { outputKey, oddY } = taprootOutput(internalKey, root);
    assert.equal(outputKey.toHex(), intermediary.tweakedPubkey);
    assert.equal(`5120${outputKey.toHex()}`, expected.scriptPubKey);
    assert.equal(taprootAddress(outputKey, "mainnet"), expected.bip350Address);
    for (const block of expected.scriptPathControlBlocks ?? []) {
      assert.equal(hex(block)[0]! & 1, Number(oddY));
      parities.add(oddY);
    }
  }
  assert.equal(parities.size, 2);
});

Deno.test("taprootAddress() has on every network the address that @scure/btc-signer has", () => {
  const networks = {
    mainnet: NETWORK,
    testnet: TEST_NETWORK,
    signet: TEST_NETWORK,
    regtest: { ...TEST_NETWORK, bech32: "bcrt" },
  };
  fc.assert(
    fc.property(fc.bigInt(1n, group.order - 1n), (secret) => {
      const internalKey = xOnly(group.encodeElement(group.multiplyBase(secret)));
      const { outputKey } = taprootOutput(internalKey, none);
      for (const name of ["mainnet", "testnet", "signet", "regtest"] as const) {
        const { address } = p2tr(internalKey, undefined, networks[name]);
        assert.equal(taprootAddress(outputKey, name), address);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("tapTweak(), taprootOutput() and taprootAddress() name what is not as long as it has to be", () => {
  const key = seeded("key")(32);
  for (const length of [1, 31, 33, 64]) {
    const refused = (field: string) => (error: unknown) =>
      error instanceof InputError && error.field === field;
    assert.throws(() => tapTweak(key, new Uint8Array(length)), refused("merkleRoot"));
    assert.throws(() => taprootAddress(new Uint8Array(length), "mainnet"), refused("outputKey"));
  }
  // x of no point: BIP-340's vector 5.
  const offCurve = hex("EEFDEA4CDB677750A420FEE807EACF21EB9898AE79B9768766E4FAA04A2D4A34");
  assert.throws(() => taprootOutput(offCurve, none), Error);
  assert.throws(() => taprootOutput(new Uint8Array(31), none), Error);
});
