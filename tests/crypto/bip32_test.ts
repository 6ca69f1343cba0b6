import { HDKey } from "@scure/bip32";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import { childOf, tweakShare, tweakVerifyingShares } from "../../src/crypto/bip32.ts";
import { InputError } from "../../src/errors.ts";
import { interpolate, makeKey, seeded } from "../protocol/keys.ts";
import { bothCurves } from "./points.ts";

const chainCode = seeded("chain code")(32);
const secp = bothCurves.find(({ curve }) => curve === "secp256k1")!;
const paths = [[], [0], [44, 60, 0, 0, 5], [2 ** 31 - 1], [0, 2 ** 31 - 1, 7]];

Deno.test("childOf() is BIP-32 on secp256k1: @scure/bip32 comes to the same key and chain code", () => {
  const publicKey = secp.encodeElement(secp.multiplyBase(0xc0ffeen));
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 31 - 1), { maxLength: 4 }), (path) => {
      const child = childOf({ curve: "secp256k1", publicKey, chainCode }, path);
      const theirs = path.reduce((key, index) => key.deriveChild(index), new HDKey({ publicKey, chainCode }));
      assert.deepEqual(child.publicKey, Uint8Array.from(theirs.publicKey!));
      assert.deepEqual(child.chainCode, Uint8Array.from(theirs.chainCode!));
    }),
    { numRuns: 25 },
  );
});

Deno.test("childOf() finds the addresses of BIP-32's second test vector, below its last hardened step", () => {
  const parent = HDKey.fromExtendedKey(
    "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB",
  );
  const child = childOf({ curve: "secp256k1", publicKey: parent.publicKey!, chainCode: parent.chainCode! }, [
    0,
  ]);
  const named = HDKey.fromExtendedKey(
    "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH",
  );
  assert.deepEqual(child.publicKey, Uint8Array.from(named.publicKey!));
});

// mpcium's formula, written out once more with noble's point: 02 or 03 by y's parity, x, I_L modulo the order.
Deno.test("childOf() on Ed25519 hashes 02/03 ‖ x and reduces I_L; it is not SLIP-10", () => {
  const parent = ed25519.Point.BASE.multiply(987654321n);
  const { x, y } = parent.toAffine();
  const input = new Uint8Array(37);
  input.set(Uint8Array.fromHex((y & 1n ? "03" : "02") + x.toString(16).padStart(64, "0")));
  input[36] = 7;
  const output = hmac(sha512, chainCode, input);
  const left = BigInt(`0x${output.slice(0, 32).toHex()}`) % ed25519.Point.Fn.ORDER;
  const child = childOf({ curve: "ed25519", publicKey: parent.toBytes(), chainCode }, [7]);
  assert.deepEqual(child.publicKey, parent.add(ed25519.Point.BASE.multiply(left)).toBytes());
  assert.deepEqual(child.chainCode, output.slice(32));
});

for (const group of bothCurves) {
  const { curve } = group;
  Deno.test(`tweakShare() and tweakVerifyingShares() give shares of childOf() on ${curve}`, async () => {
    const { key, shares } = await makeKey({ curve });
    for (const path of paths) {
      const child = childOf(key, path);
      const tweaked = key.members.map((peer) => tweakShare(key, shares.get(peer)!, child));
      const verifying = tweakVerifyingShares(key, child);
      tweaked.forEach((share, i) => {
        assert.deepEqual(group.encodeElement(group.multiplyBase(group.decodeScalar(share))), verifying[i]);
      });
      for (const [i, j] of [[1, 2], [1, 3], [2, 3]] as const) {
        const two = new Map([i, j].map((x) => [x, group.decodeScalar(tweaked[x - 1]!)]));
        const secret = interpolate(group, two);
        assert.deepEqual(group.encodeElement(group.multiplyBase(secret)), child.publicKey);
      }
    }
    assert.deepEqual(childOf(key, []).publicKey, key.publicKey);
  });

  Deno.test(`childOf() refuses hardened indices and what is no index on ${curve}`, () => {
    const publicKey = group.encodeElement(group.multiplyBase(5n));
    for (const index of [2 ** 31, 2 ** 32, -1, 0.5, NaN, Infinity]) {
      assert.throws(() => childOf({ curve, publicKey, chainCode }, [0, index]), InputError);
    }
    assert.throws(() => childOf({ curve, publicKey, chainCode }, new Array(256).fill(0)), InputError);
  });
}
