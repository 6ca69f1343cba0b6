import { p2tr, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import * as bitcoin from "bitcoinjs-lib";
import { type NostrEvent, verifyEvent } from "nostr-tools/pure";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { childOf } from "../../../src/crypto/bip32.ts";
import { xOnly } from "../../../src/crypto/bip340/signature.ts";
import { tweakedKeyOf } from "../../../src/crypto/bip340/signing_key.ts";
import { tweakedPublicKey } from "../../../src/crypto/bip340/key_tweak.ts";
import { nostrEvent, nostrEventId, npubOf } from "../../../src/crypto/bip340/nostr.ts";
import { taprootAddress, taprootOutput } from "../../../src/crypto/bip340/taproot.ts";
import { aggregateWith, dealKey, group, hex, shareAll } from "./keys.ts";

bitcoin.initEccLib(libsecp256k1);

const key = dealKey(2, 3, "spender");
/** Anybody's: OP_1, for a tree of one leaf. */
const anyScript = Uint8Array.of(0x51);

/** An output of btc-signer's, with its tree's root. */
function outputOf(internalKey: Uint8Array, hasScript: boolean) {
  if (!hasScript) return { ...p2tr(internalKey, undefined, TEST_NETWORK), merkleRoot: new Uint8Array() };
  const output = p2tr(internalKey, { script: anyScript }, TEST_NETWORK, true);
  return { ...output, merkleRoot: output.tapMerkleRoot };
}

for (const hasScript of [false, true]) {
  const what = hasScript ? "with a script beside" : "without a script";
  for (const path of [[], [0, 7], [1, 2, 3]]) {
    Deno.test(`tweakedKeyOf() spends a Taproot output ${what}, of the child at /${path.join("/")}`, () => {
      const child = childOf(group, key, path);
      const internalKey = xOnly(child.publicKey);
      const output = outputOf(internalKey, hasScript);
      const { merkleRoot } = output;
      const tweaked = tweakedKeyOf(key, { path, merkleRoot });
      const { outputKey } = taprootOutput(internalKey, merkleRoot);
      assert.deepEqual(tweakedPublicKey(tweaked), Uint8Array.of(2, ...outputKey));
      assert.equal(taprootAddress(outputKey, "testnet"), output.address);

      const amount = 100_000n;
      const transaction = new Transaction({ allowUnknownOutputs: true });
      transaction.addInput({
        txid: "01".repeat(32),
        index: 1,
        witnessUtxo: { script: output.script, amount },
        tapInternalKey: output.tapInternalKey,
        ...(hasScript ? { tapMerkleRoot: merkleRoot } : {}),
      });
      transaction.addOutputAddress("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", 99_000n, TEST_NETWORK);
      const hash = transaction.preimageWitnessV1(0, [output.script], 0, [amount]);
      const { signature } = aggregateWith(shareAll(key, { tweaked, identifiers: [1, 3], message: hash }));
      transaction.updateInput(0, { tapKeySig: signature! }, true);

      // bitcoinjs-lib reads the PSBT, hashes it by itself and verifies with libsecp256k1.
      const psbt = bitcoin.Psbt.fromBuffer(Buffer.from(transaction.toPSBT()), {
        network: bitcoin.networks.testnet,
      });
      const verified: string[] = [];
      assert.ok(psbt.validateSignaturesOfInput(0, (publicKey, message, signature) => {
        verified.push(publicKey.toHex());
        return libsecp256k1.verifySchnorr(message, publicKey, signature);
      }));
      assert.deepEqual(verified, [outputKey.toHex()]);

      // Both finalise it to the same transaction, and the hash of that is what was signed.
      transaction.finalize();
      const final = bitcoin.Transaction.fromHex(transaction.hex);
      assert.equal(psbt.finalizeAllInputs().extractTransaction().toHex(), transaction.hex);
      assert.deepEqual(final.ins[0]!.witness.map((item) => item.toHex()), [signature!.toHex()]);
      const theirs = final.hashForWitnessV1(
        0,
        [output.script],
        [amount],
        bitcoin.Transaction.SIGHASH_DEFAULT,
      );
      assert.deepEqual(Uint8Array.from(theirs), hash);
      assert.ok(libsecp256k1.verifySchnorr(theirs, outputKey, final.ins[0]!.witness[0]!));
      const address = bitcoin.address.fromOutputScript(output.script, bitcoin.networks.testnet);
      assert.equal(address, taprootAddress(outputKey, "testnet"));
    });
  }
}

Deno.test("tweakedKeyOf() without a merkle root spends no Taproot output: bitcoinjs-lib refuses it", () => {
  const output = p2tr(xOnly(key.publicKey), undefined, TEST_NETWORK);
  const transaction = new Transaction();
  transaction.addInput({
    txid: "01".repeat(32),
    index: 0,
    witnessUtxo: { script: output.script, amount: 100_000n },
    tapInternalKey: output.tapInternalKey,
  });
  transaction.addOutputAddress("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", 99_000n, TEST_NETWORK);
  const hash = transaction.preimageWitnessV1(0, [output.script], 0, [100_000n]);
  const tweaked = tweakedKeyOf(key, { path: [], merkleRoot: null });
  const { signature } = aggregateWith(shareAll(key, { tweaked, identifiers: [1, 3], message: hash }));
  assert.ok(libsecp256k1.verifySchnorr(hash, xOnly(key.publicKey), signature!));
  transaction.updateInput(0, { tapKeySig: signature! }, true);
  const psbt = bitcoin.Psbt.fromBuffer(Buffer.from(transaction.toPSBT()), {
    network: bitcoin.networks.testnet,
  });
  const verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    libsecp256k1.verifySchnorr(message, publicKey, signature);
  assert.equal(psbt.validateSignaturesOfInput(0, verify), false);
});

for (const path of [[], [44, 1237]]) {
  Deno.test(`nostrEvent() of the child at /${path.join("/")} is accepted by nostr-tools, and no other event is`, () => {
    const tweaked = tweakedKeyOf(key, { path, merkleRoot: null });
    const publicKey = xOnly(tweakedPublicKey(tweaked));
    const template = {
      created_at: 1_700_000_000,
      kind: 1,
      tags: [["t", "frost"]],
      content: 'two of three said "gm"\n',
    };
    const message = nostrEventId(publicKey, template);
    const { signature } = aggregateWith(shareAll(key, { tweaked, identifiers: [2, 3], message }));
    const event = nostrEvent(publicKey, template, signature!);
    const sent = (changed: Partial<NostrEvent>) =>
      JSON.parse(JSON.stringify({ ...event, ...changed })) as NostrEvent;
    assert.ok(verifyEvent(sent({})));
    assert.ok(npubOf(publicKey).startsWith("npub1"));
    assert.ok(!verifyEvent(sent({ content: "one of three said gm" })));
    assert.ok(!verifyEvent(sent({ sig: hex(event.sig).with(63, hex(event.sig)[63]! ^ 1).toHex() })));
    assert.ok(!verifyEvent(sent({ pubkey: xOnly(key.verifyingShares[0]!).toHex() })));
  });
}
