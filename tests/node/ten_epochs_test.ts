/**
 * A key that passes through ten epochs, with members that come and go: it, its children and its Taproot address stay, and
 * what every pair of holders signs is verified by libraries that the product does not use.
 * @module
 */
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { HDKey } from "@scure/bip32";
import * as bitcoin from "bitcoinjs-lib";
import * as secp256k1 from "tiny-secp256k1";
import { bitcoinAddress, childKey, type GroupKey, type Scheme } from "../../mod.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { Scene } from "../negative/scene.ts";

bitcoin.initEccLib(secp256k1);
const names = ["alice", "bob", "carol", "dave"];
const path = [7];
const message = new Uint8Array(32).fill(9);

/** The holders of each epoch: one leaves and one comes each time, or all stay. */
const holders = (epoch: number): string[] =>
  [0, 1].map((i) => names[(Math.floor(epoch / 2) + i) % names.length]!);

/** The input of a signature of the child, or of its Taproot output. */
const inputs = {
  ed25519: { message, path },
  ecdsa: { message, hash: "sha256", path },
  bip340: { message, path, merkleRoot: new Uint8Array() },
} as const;

/** The key that the signature is to verify under, in each scheme's own form. */
function signingKey(key: GroupKey): Uint8Array {
  const options = schemes[key.scheme].fieldsOf(inputs[key.scheme] as never).options;
  return schemes[key.scheme].signingKeyOf(key, { path, options });
}

const verifies: Record<Scheme, (publicKey: Uint8Array, signature: Uint8Array) => boolean> = {
  ed25519(publicKey, signature) {
    const spki = Buffer.from([...Uint8Array.fromHex("302a300506032b6570032100"), ...publicKey]);
    return verify(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature);
  },
  ecdsa(publicKey, signature) {
    return secp256k1.verify(createHash("sha256").update(message).digest(), publicKey, signature, true);
  },
  bip340: (publicKey, signature) => secp256k1.verifySchnorr(message, publicKey, signature),
};

/** The Bitcoin address of a compressed public key, as bitcoinjs-lib makes it: of BIP-86, or of BIP-84. */
const addressOf: Partial<Record<Scheme, (publicKey: Uint8Array) => string>> = {
  bip340: (publicKey) => bitcoin.payments.p2tr({ internalPubkey: publicKey.subarray(1) }).address!,
  ecdsa: (pubkey) => bitcoin.payments.p2wpkh({ pubkey }).address!,
};

/** The addresses of a key and of its child are those that other libraries make of the key that there was at first. */
function assertAddresses(key: GroupKey, { publicKey, chainCode }: GroupKey): void {
  const theirs = addressOf[key.scheme];
  if (!theirs) return;
  const child = path.reduce(
    (parent, index) => parent.deriveChild(index),
    new HDKey({ publicKey, chainCode }),
  );
  const network = "mainnet";
  assert.equal(bitcoinAddress(key, { network }), theirs(publicKey));
  assert.equal(bitcoinAddress(childKey(key, path), { network }), theirs(child.publicKey!));
  if (key.scheme !== "bip340") return;
  const output = bitcoin.payments.p2tr({ internalPubkey: child.publicKey!.subarray(1) }).pubkey!;
  assert.deepEqual(
    signingKey(key).toHex(),
    output.toHex(),
    "which the signatures of all epochs verify under",
  );
}

for (const scheme of ["ed25519", "bip340", "ecdsa"] as const) {
  Deno.test(`reshare() ten times: the ${scheme} key, its children and its addresses stay, and every epoch signs for them`, async () => {
    await using scene = await Scene.start({ names, scheme });
    const made = (await scene.generate("treasury", 2, { members: holders(0) })).value!;
    await scene.known("treasury");
    const expected = signingKey(made);
    const addresses = schemes[scheme].addressesOf(made.publicKey);
    for (let epoch = 1; epoch <= 10; epoch++) {
      const members = holders(epoch);
      const { value: key, error } = await scene.reshare(members, { by: members[0]! });
      assert.ok(key, `epoch ${epoch + 1}: ${error?.code} ${JSON.stringify(error?.claims)}`);
      assert.equal(key.epoch, epoch + 1);
      assert.deepEqual([key.publicKey, key.chainCode], [made.publicKey, made.chainCode]);
      assert.deepEqual(childKey(key, path), childKey(made, path));
      assert.deepEqual(schemes[scheme].addressesOf(key.publicKey), addresses);
      assert.deepEqual(signingKey(key), expected);
      const { value: signature } = await scene.sign(members, inputs[scheme] as { message: Uint8Array });
      assert.deepEqual(signature!.publicKey, expected);
      assert.ok(verifies[scheme](expected, signature!.bytes), `epoch ${epoch + 1} signs for the child`);
    }
    await scene.clock.pass(3_000);
    for (const name of names) {
      const [key] = await scene.node(name).keys();
      assert.equal(key!.epoch, 11);
      assertAddresses(key!, made);
      assert.ok(key!.past.every(({ held }) => !held), `${name} has erased what is past`);
    }
  });
}
