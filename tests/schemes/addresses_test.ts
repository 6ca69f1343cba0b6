import { NETWORK, p2tr, p2wpkh, TEST_NETWORK } from "@scure/btc-signer";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { HDKey } from "@scure/bip32";
import { getAddressDecoder } from "@solana/kit";
import { toHex } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { decode } from "nostr-tools/nip19";
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  bitcoinAddress,
  type BitcoinNetwork,
  childKey,
  ethereumAddress,
  npub,
  type Scheme,
  solanaAddress,
  sshPublicKey,
  xpub,
} from "../../mod.ts";
import account from "../vectors/bip340/bip86.json" with { type: "json" };
import { group } from "../crypto/bip340/keys.ts";

const hex = Uint8Array.fromHex;
const chainCode = new Uint8Array(32).fill(7);
const keyFor = (scheme: Scheme, publicKey: Uint8Array) => ({ scheme, publicKey, chainCode });

// The generator itself is the key of BIP-173's examples; for Ethereum it is the address of the secret key 1.
const generator = hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
const regtest = { ...TEST_NETWORK, bech32: "bcrt" };
const networks = { mainnet: NETWORK, testnet: TEST_NETWORK, signet: TEST_NETWORK, regtest } as const;
const names = Object.keys(networks) as BitcoinNetwork[];

/** The account 0 of BIP-84's example wallet. */
const bip84 =
  "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
/** Public and private version bytes of a `zpub`. */
const zpub = { public: 0x04b24746, private: 0x04b2430c };

Deno.test("bitcoinAddress() gives the addresses of BIP-173's example key and of BIP-84's example wallet", () => {
  const example = keyFor("ecdsa", generator);
  assert.equal(
    bitcoinAddress(example, { network: "mainnet" }),
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
  );
  assert.equal(
    bitcoinAddress(example, { network: "testnet" }),
    "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
  );
  const { publicKey, chainCode } = HDKey.fromExtendedKey(bip84, zpub);
  const root = { scheme: "ecdsa" as const, publicKey: publicKey!, chainCode: chainCode! };
  for (
    const [path, address] of [
      [[0, 0], "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"],
      [[0, 1], "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"],
      [[1, 0], "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"],
    ] as const
  ) assert.equal(bitcoinAddress(childKey(root, path), { network: "mainnet", type: "p2wpkh" }), address);
});

Deno.test("bitcoinAddress() gives the addresses of BIP-86's example wallet", () => {
  const { publicKey, chainCode } = HDKey.fromExtendedKey(account.account_xpub);
  const root = { scheme: "bip340" as const, publicKey: publicKey!, chainCode: chainCode! };
  assert.ok(account.children.length >= 3);
  for (const { path, address } of account.children) {
    assert.equal(bitcoinAddress(childKey(root, path), { network: "mainnet", type: "p2tr" }), address);
  }
});

Deno.test("bitcoinAddress() is @scure/btc-signer's on every network, with scripts and without", () => {
  const leaf = { script: Uint8Array.of(0x51) };
  fc.assert(
    fc.property(fc.bigInt(1n, group.order - 1n), (secret) => {
      const publicKey = group.encodeElement(group.multiplyBase(secret));
      const x = publicKey.slice(1);
      for (const network of names) {
        const of = networks[network];
        assert.equal(bitcoinAddress(keyFor("ecdsa", publicKey), { network }), p2wpkh(publicKey, of).address);
        const taproot = keyFor("bip340", publicKey);
        assert.equal(bitcoinAddress(taproot, { network }), p2tr(x, undefined, of).address);
        const { tapMerkleRoot: merkleRoot, address } = p2tr(x, leaf, of, true);
        assert.equal(bitcoinAddress(taproot, { network, merkleRoot }), address);
      }
    }),
    { numRuns: 10 },
  );
});

Deno.test("ethereumAddress() is viem's, with the checksum of EIP-55", () => {
  const key = keyFor("ecdsa", generator);
  assert.equal(ethereumAddress(key), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
  for (const index of [0, 1, 2, 3]) {
    const child = childKey(key, [index]);
    const uncompressed = secp256k1.Point.fromBytes(child.publicKey).toBytes(false);
    assert.equal(ethereumAddress(child), publicKeyToAddress(toHex(uncompressed)));
  }
});

Deno.test("solanaAddress() is @solana/kit's, and npub() is read by nostr-tools", () => {
  const bytes = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"); // RFC 8032, TEST 2
  assert.equal(solanaAddress(keyFor("ed25519", bytes)), getAddressDecoder().decode(bytes));
  const x = generator.slice(1).toHex();
  assert.deepEqual(decode(npub(keyFor("bip340", generator))), { type: "npub", data: x });
});

Deno.test("xpub() is read by @scure/bip32, which derives the same children", () => {
  const testVersions = { public: 0x043587cf, private: 0x04358394 };
  for (const scheme of ["ecdsa", "bip340"] as const) {
    const key = keyFor(scheme, generator);
    for (const network of names) {
      const versions = network === "mainnet" ? undefined : testVersions;
      const whole = HDKey.fromExtendedKey(xpub(key, { network }), versions);
      assert.equal(whole.depth, 0);
      const expected = childKey(key, [3, 5]);
      const theirs = whole.derive("m/3/5");
      assert.deepEqual([theirs.publicKey, theirs.chainCode], [expected.publicKey, expected.chainCode]);
      assert.equal(xpub(key, { network, path: [3, 5] }), theirs.publicExtendedKey);
    }
  }
  assert.match(xpub(keyFor("ecdsa", generator), { network: "mainnet" }), /^xpub/);
  assert.match(xpub(keyFor("ecdsa", generator), { network: "signet" }), /^tpub/);
});

Deno.test("sshPublicKey() is the key in SSH's encoding, and a comment", () => {
  const key = keyFor("ed25519", hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  const [type, encoded, ...none] = sshPublicKey(key).split(" ");
  assert.deepEqual([type, none], ["ssh-ed25519", []]);
  const head = "0000000b" + new TextEncoder().encode("ssh-ed25519").toHex() + "00000020"; // RFC 8709 §4
  assert.equal(Uint8Array.fromBase64(encoded!).toHex(), head + key.publicKey.toHex());
  assert.equal(sshPublicKey(key, "treasury of Acme"), `${type} ${encoded} treasury of Acme`);
});

Deno.test("addresses are refused to a key that cannot sign for them, and name the field", () => {
  const refused = (field: string, act: () => unknown) => assert.throws(act, { name: "InputError", field });
  const key = {
    ed25519: keyFor("ed25519", chainCode),
    ecdsa: keyFor("ecdsa", generator),
    bip340: keyFor("bip340", generator),
  };
  const network = "mainnet";
  for (const scheme of ["ed25519", "bip340"] as const) refused("scheme", () => ethereumAddress(key[scheme]));
  for (const scheme of ["ecdsa", "bip340"] as const) {
    refused("scheme", () => solanaAddress(key[scheme]));
    refused("scheme", () => sshPublicKey(key[scheme]));
  }
  for (const scheme of ["ecdsa", "ed25519"] as const) refused("scheme", () => npub(key[scheme]));
  refused("scheme", () => xpub(key.ed25519, { network }));
  refused("scheme", () => bitcoinAddress(key.ed25519, { network }));
  refused("type", () => bitcoinAddress(key.ecdsa, { network, type: "p2tr" }));
  refused("type", () => bitcoinAddress(key.bip340, { network, type: "p2wpkh" }));
  refused("merkleRoot", () => bitcoinAddress(key.ecdsa, { network, merkleRoot: new Uint8Array() }));
  refused("merkleRoot", () => bitcoinAddress(key.bip340, { network, merkleRoot: new Uint8Array(31) }));
  for (const other of ["", "bitcoin", "constructor", undefined] as unknown as BitcoinNetwork[]) {
    for (const one of [key.ecdsa, key.bip340]) {
      refused("network", () => bitcoinAddress(one, { network: other }));
      refused("network", () => xpub(one, { network: other }));
    }
  }
  for (const path of [[2 ** 31], [-1], [0.5]]) refused("path", () => xpub(key.ecdsa, { network, path }));
  for (const comment of ["two\nlines", "a".repeat(257)]) {
    refused("comment", () => sshPublicKey(key.ed25519, comment));
  }
});
