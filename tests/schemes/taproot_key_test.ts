import { p2tr } from "@scure/btc-signer";
import { HDKey } from "@scure/bip32";
import assert from "node:assert/strict";
import { childKey, type Scheme, taprootOutputKey } from "../../mod.ts";
import account from "../vectors/bip340/bip86.json" with { type: "json" };

const root = new Uint8Array(32).fill(9);

/** The account of BIP-86's vectors, as a key of ours. */
function accountKey() {
  const { publicKey, chainCode } = HDKey.fromExtendedKey(account.account_xpub);
  return { scheme: "bip340" as const, publicKey: publicKey!, chainCode: chainCode! };
}

// tests/vectors/bip340/README.md
Deno.test("taprootOutputKey() gives BIP-86's output keys", () => {
  const key = accountKey();
  assert.ok(account.children.length >= 3);
  for (const { path, output_key } of account.children) {
    assert.equal(taprootOutputKey(key, { path }).toHex(), output_key);
    const child = childKey(key, path);
    assert.equal(taprootOutputKey(child).toHex(), output_key, "the child is given");
    const x = { ...child, publicKey: child.publicKey.slice(1) };
    assert.equal(taprootOutputKey(x, { merkleRoot: new Uint8Array() }).toHex(), output_key, "its x is given");
  }
});

Deno.test("taprootOutputKey() with a root is @scure/btc-signer's key", () => {
  const key = accountKey();
  const leaf = { script: Uint8Array.of(0x51) };
  for (const path of [[], [1, 2]]) {
    const internalKey = childKey(key, path).publicKey.slice(1);
    const { tapMerkleRoot, tweakedPubkey } = p2tr(internalKey, leaf, undefined, true);
    assert.deepEqual(taprootOutputKey(key, { path, merkleRoot: tapMerkleRoot }), tweakedPubkey);
  }
});

Deno.test("taprootOutputKey() names the field that it refuses", () => {
  const key = accountKey();
  for (const scheme of ["ecdsa", "ed25519", "other"] as Scheme[]) {
    assert.throws(() => taprootOutputKey({ ...key, scheme }), { name: "InputError", field: "scheme" });
  }
  for (const merkleRoot of [null, new Uint8Array(31), root.subarray(1), "", 1]) {
    const wrong = () => taprootOutputKey(key, { merkleRoot: merkleRoot as never });
    assert.throws(wrong, { name: "InputError", field: "merkleRoot" });
  }
  for (const path of [[2 ** 31], [-1], new Array(256).fill(0)]) {
    assert.throws(() => taprootOutputKey(key, { path }), { name: "InputError", field: "path" });
  }
});
