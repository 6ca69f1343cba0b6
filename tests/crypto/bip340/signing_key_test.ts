import { HDKey } from "@scure/bip32";
import assert from "node:assert/strict";
import { tweakedPublicKey, tweakedShare } from "../../../src/crypto/bip340/key_tweak.ts";
import { verifyBip340, xOnly } from "../../../src/crypto/bip340/signature.ts";
import { evenKey, tweakedFrostKey, tweakedKeyOf } from "../../../src/crypto/bip340/signing_key.ts";
import { taprootAddress, taprootOutput } from "../../../src/crypto/bip340/taproot.ts";
import { InputError } from "../../../src/errors.ts";
import { makeKey, seeded } from "../../protocol/keys.ts";
import wallet from "../../vectors/bip340/bip341_wallet.json" with { type: "json" };
import account from "../../vectors/bip340/bip86.json" with { type: "json" };
import { aggregateWith, dealKey, group, hex, shareAll, verifiesEverywhere } from "./keys.ts";

// tests/vectors/bip340/README.md
const none = new Uint8Array();
const rootOf = (merkleRoot: string | null) => merkleRoot === null ? none : hex(merkleRoot);
const message = seeded("hash of a transaction")(32);

// The vectors' secret keys stand for a group's: one whose only share is the secret.
Deno.test("tweakedKeyOf() and tweakedShare() give the secret keys that BIP-341's wallet vectors spend with", () => {
  const signs = new Set<boolean>();
  const spends = wallet.keyPathSpending.flatMap(({ inputSpending }) => inputSpending);
  assert.equal(spends.length, 7);
  for (const { given, intermediary, expected } of spends) {
    const secret = hex(given.internalPrivkey);
    const publicKey = group.encodeElement(group.multiplyBase(group.decodeScalar(secret)));
    assert.equal(xOnly(publicKey).toHex(), intermediary.internalPubkey);
    const tweaks = { path: [], merkleRoot: rootOf(given.merkleRoot) };
    const key = tweakedKeyOf({ publicKey, chainCode: new Uint8Array(32) }, tweaks);
    const ours = group.decodeScalar(tweakedShare(secret, key));
    const theirs = group.decodeScalar(hex(intermediary.tweakedPrivkey));
    // BIP-340 signs with the one that has an even y; BIP-341 leaves that to the signing.
    const image = group.encodeElement(group.multiplyBase(theirs));
    assert.equal(image[0] === 2 ? ours : group.reduce(-ours), theirs);
    const signature = hex(expected.witness[0]!).subarray(0, 64);
    assert.ok(verifyBip340(tweakedPublicKey(key).subarray(1), hex(intermediary.sigHash), signature));
    signs.add(key.negated);
  }
  assert.equal(signs.size, 2);
});

Deno.test("tweakedKeyOf() gives BIP-86's output keys and addresses below the account's public key", () => {
  const parent = HDKey.fromExtendedKey(account.account_xpub);
  for (const { path, internal_key, output_key, address } of account.children) {
    const key = { publicKey: parent.publicKey!, chainCode: parent.chainCode! };
    assert.equal(
      tweakedPublicKey(tweakedKeyOf(key, { path, merkleRoot: null })).toHex(),
      `02${internal_key}`,
    );
    const output = tweakedPublicKey(tweakedKeyOf(key, { path, merkleRoot: none }));
    assert.equal(output.toHex(), `02${output_key}`);
    assert.equal(taprootAddress(output.subarray(1), "mainnet"), address);
    assert.deepEqual(taprootOutput(hex(internal_key), none).outputKey, output.slice(1));
  }
});

Deno.test("evenKey() gives key, share and verifying shares of a generated key an even y, at every member", async () => {
  const parities = new Set<number>();
  for (const seed of ["a", "b", "c", "d", "e", "f"]) {
    const { key, shares } = await makeKey({ curve: "secp256k1", seed });
    parities.add(key.publicKey[0]!);
    const given = [...shares.values()];
    const copies = given.map((share) => share.slice());
    const even = given.map((share) => evenKey({ ...key, share }));
    for (const [i, made] of even.entries()) {
      assert.deepEqual(made.publicKey, Uint8Array.of(2, ...key.publicKey.subarray(1)));
      assert.deepEqual(made.verifyingShares, even[0]!.verifyingShares);
      const image = group.encodeElement(group.multiplyBase(group.decodeScalar(made.share)));
      assert.deepEqual(image, made.verifyingShares[i]);
      if (key.publicKey[0] === 2) assert.deepEqual(made.share, copies[i]);
      else assert.ok(given[i]!.every((byte) => byte === 0), "the share of the odd key is wiped");
    }
    const { verifyingShares, publicKey, chainCode, threshold } = even[0]!;
    const dealt = {
      threshold,
      publicKey,
      chainCode,
      verifyingShares,
      shares: even.map(({ share }) => share),
    };
    for (const tweaks of [{ path: [], merkleRoot: null }, { path: [3, 1], merkleRoot: none }]) {
      const ran = shareAll(dealt, { tweaked: tweakedKeyOf(dealt, tweaks), identifiers: [1, 3], message });
      assert.ok(verifiesEverywhere(ran.signing.key.publicKey, message, aggregateWith(ran).signature!));
    }
  }
  assert.equal(parities.size, 2);
});

Deno.test("tweakedKeyOf() names the path or the merkle root that it refuses", () => {
  const key = dealKey(2, 3, "refused");
  const refused = (field: string) => (error: unknown) => error instanceof InputError && error.field === field;
  for (const path of [[2 ** 31], [-1], [0.5], [0, 2 ** 32], Array<number>(256).fill(0)]) {
    assert.throws(() => tweakedKeyOf(key, { path, merkleRoot: null }), refused("path"));
  }
  for (const length of [1, 20, 31, 33, 64]) {
    const merkleRoot = new Uint8Array(length);
    assert.throws(() => tweakedKeyOf(key, { path: [0], merkleRoot }), refused("merkleRoot"));
  }
});

Deno.test("tweakedFrostKey() has the tweaked key and its verifying shares, and keeps the rest", () => {
  const key = { ...dealKey(2, 3, "rest"), wallet: "treasury" };
  const tweaked = tweakedKeyOf(key, { path: [1], merkleRoot: none });
  const made = tweakedFrostKey(key, tweaked);
  assert.deepEqual(made.publicKey, tweakedPublicKey(tweaked));
  const images = key.shares.map((share) => group.decodeScalar(tweakedShare(share, tweaked))).map(
    group.multiplyBase,
  );
  assert.deepEqual(made.verifyingShares, images.map(group.encodeElement));
  assert.deepEqual({ threshold: made.threshold, wallet: made.wallet }, { threshold: 2, wallet: "treasury" });
});
