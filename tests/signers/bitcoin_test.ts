import { HDKey } from "@scure/bip32";
import { p2tr, p2wpkh, TEST_NETWORK, Transaction } from "@scure/btc-signer";
import * as bitcoin from "bitcoinjs-lib";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { bitcoinAddress, childKey, type GroupKey, xpub } from "../../mod.ts";
import { signPsbt } from "../../src/signers/bitcoin.ts";
import { SigningCluster } from "./cluster.ts";

bitcoin.initEccLib(libsecp256k1);
const network = bitcoin.networks.testnet;
const payee = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
const stranger = new Uint8Array(32).fill(5);
/** Anybody's: OP_1, for a tree of one leaf. */
const leaf = { script: Uint8Array.of(0x51) };
const paths = [[], [0, 7], [1, 2]];

/** The derivation of a child, as a wallet that watches an xpub writes it. */
const derivation = (key: GroupKey, path: readonly number[]) => {
  const { fingerprint } = HDKey.fromExtendedKey(xpub(key, { network: "mainnet" }));
  return { fingerprint, path: [...path] };
};

/** A PSBT of @scure/btc-signer: an output of the key, those of two children, and one of a stranger. */
function spend(key: GroupKey, { sighashType }: { sighashType?: number } = {}): Transaction {
  const transaction = new Transaction();
  const more = sighashType === undefined ? {} : { sighashType };
  for (const [index, path] of paths.entries()) {
    const child = childKey(key, path).publicKey;
    const outpoint = { txid: "01".repeat(32), index, ...more };
    const amount = 50_000n + BigInt(index);
    if (key.scheme === "ecdsa") {
      const { script } = p2wpkh(child, TEST_NETWORK);
      const bip32Derivation = [[child, derivation(key, path)]] as [
        Uint8Array,
        { fingerprint: number; path: number[] },
      ][];
      transaction.addInput({ ...outpoint, witnessUtxo: { script, amount }, bip32Derivation });
    } else {
      const x = child.slice(1);
      const withScript = p2tr(x, leaf, TEST_NETWORK, true);
      const output = index === 2 ? withScript : p2tr(x, undefined, TEST_NETWORK);
      const tapMerkleRoot = index === 2 ? { tapMerkleRoot: withScript.tapMerkleRoot } : {};
      transaction.addInput({
        ...outpoint,
        ...tapMerkleRoot,
        witnessUtxo: { script: output.script, amount },
        tapInternalKey: x,
        tapBip32Derivation: [[x, { hashes: [], der: derivation(key, path) }]],
      });
    }
  }
  const others = p2wpkh(libsecp256k1.pointFromScalar(stranger)!, TEST_NETWORK);
  const witnessUtxo = { script: others.script, amount: 70_000n };
  transaction.addInput({ txid: "02".repeat(32), index: 0, witnessUtxo });
  transaction.addOutputAddress(payee, 200_000n, TEST_NETWORK);
  return transaction;
}

/** Whether libsecp256k1 accepts the signatures of an input over the hash that bitcoinjs-lib makes. */
const isValid = (psbt: bitcoin.Psbt, index: number) =>
  psbt.validateSignaturesOfInput(
    index,
    (publicKey, hash, signature) =>
      publicKey.length === 32
        ? libsecp256k1.verifySchnorr(hash, publicKey, signature)
        : libsecp256k1.verify(hash, publicKey, signature, true),
  );

for (const scheme of ["ecdsa", "bip340"] as const) {
  const type = scheme === "ecdsa" ? "P2WPKH" : "P2TR";
  Deno.test(`signPsbt() signs the ${type} inputs of a key and its children in one approval, and no stranger's`, async () => {
    await using cluster = await SigningCluster.start(scheme);
    const { node, key, asked, signers } = cluster;
    const given = spend(key).toPSBT();
    const note = "pay 0.002 to tb1qw508…";
    const signed = await cluster.until(
      signPsbt(node, key, given, { signers, note, reference: "invoice 17" }),
    );
    assert.equal(asked.length, 1);
    assert.deepEqual([asked[0]!.note, asked[0]!.reference], [note, "invoice 17"]);
    assert.deepEqual(asked[0]!.items.map(({ path }) => path), paths);

    const psbt = bitcoin.Psbt.fromBuffer(Buffer.from(signed), { network });
    for (const index of paths.keys()) assert.ok(isValid(psbt, index), `input ${index}`);
    assert.throws(() => isValid(psbt, 3), /No signatures/);

    const transaction = Transaction.fromPSBT(signed);
    assert.throws(() => transaction.clone().finalize());
    transaction.signIdx(stranger, 3);
    transaction.finalize();
    const theirs = Transaction.fromPSBT(signed);
    theirs.signIdx(stranger, 3);
    const final = bitcoin.Psbt.fromBuffer(Buffer.from(theirs.toPSBT()), { network });
    assert.equal(final.finalizeAllInputs().extractTransaction().toHex(), transaction.hex);

    const forged = bitcoin.Psbt.fromBuffer(Buffer.from(signed), { network });
    forged.data.inputs[0]!.witnessUtxo!.value += 1n;
    assert.ok(!isValid(forged, 0), "another amount has another hash");
  });

  Deno.test(`signPsbt() signs a ${type} PSBT that bitcoinjs-lib has made, without derivations`, async () => {
    await using cluster = await SigningCluster.start(scheme);
    const { node, key, signers } = cluster;
    const path = [4];
    const address = bitcoinAddress(childKey(key, path), { network: "signet" });
    const script = bitcoin.address.toOutputScript(address, network);
    const psbt = new bitcoin.Psbt({ network });
    const tapInternalKey = childKey(key, path).publicKey.slice(1);
    for (const index of [0, 1]) {
      const witnessUtxo = { script, value: 60_000n };
      psbt.addInput({
        ...{ hash: "03".repeat(32), index, witnessUtxo },
        ...(scheme === "bip340" && { tapInternalKey: Buffer.from(tapInternalKey) }),
        ...(index === 1 && { sighashType: bitcoin.Transaction.SIGHASH_ALL }),
      });
    }
    psbt.addOutput({ address: payee, value: 100_000n });
    const signed = await cluster.until(signPsbt(node, key, psbt.toBuffer(), { path, signers }));
    const read = bitcoin.Psbt.fromBuffer(Buffer.from(signed), { network });
    for (const index of [0, 1]) assert.ok(isValid(read, index));
    const transaction = read.finalizeAllInputs().extractTransaction();
    assert.equal(transaction.outs[0]!.value, 100_000n);
    const final = Transaction.fromPSBT(signed);
    final.finalize();
    assert.equal(final.hex, transaction.toHex());
  });

  Deno.test(`signPsbt() refuses what no ${type} signature should be made of, and asks nobody`, async () => {
    await using cluster = await SigningCluster.start(scheme);
    const { node, key, asked, signers } = cluster;
    const refused = async (psbt: Uint8Array, expected: RegExp) =>
      await assert.rejects(cluster.until(signPsbt(node, key, psbt, { signers })), (error: Error) => {
        assert.equal(Reflect.get(error, "field"), "psbt");
        assert.match(error.message, expected);
        return true;
      });
    await refused(Uint8Array.of(1, 2, 3), /^psbt: expected a PSBT, found something else/);
    for (const sighashType of [2, 3, 0x81, 0x83]) {
      await refused(spend(key, { sighashType }).toPSBT(), new RegExp(`input 0, found ${sighashType}$`));
    }
    const otherKey = { ...key, ...childKey(key, [9]) };
    const others = spend(otherKey).toPSBT();
    await refused(others, new RegExp(`for ${scheme} to sign, found none among 4`));
    if (scheme === "bip340") {
      const transaction = spend(key);
      transaction.addInput({ txid: "04".repeat(32), index: 0 });
      await refused(transaction.toPSBT(), /the output that input 4 spends, found none/);
    }
    assert.deepEqual(asked, []);
  });
}
