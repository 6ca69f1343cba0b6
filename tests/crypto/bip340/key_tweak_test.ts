import { schnorr } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { verifyBip340 } from "../../../src/crypto/bip340/signature.ts";
import type { Element } from "../../../src/crypto/group.ts";
import {
  hasOddY,
  plainTweak,
  type TweakedKey,
  tweakedPublicKey,
  tweakedShare,
  tweakedVerifyingShares,
  untweaked,
  withEvenY,
  xOnlyTweak,
} from "../../../src/crypto/bip340/key_tweak.ts";
import { interpolate } from "../../protocol/keys.ts";
import aggregated from "../../vectors/bip340/bip445_sig_agg.json" with { type: "json" };
import tweaked from "../../vectors/bip340/bip445_tweak.json" with { type: "json" };
import { dealKey, group, hex, isOdd, joined } from "./keys.ts";

// tests/vectors/bip340/README.md
const { Fn } = schnorr.Point;
const number = (bytes: Uint8Array) => BigInt(`0x${bytes.toHex()}`);
const hashed = (tag: string, ...parts: Uint8Array[]) =>
  group.reduce(number(schnorr.utils.taggedHash(tag, ...parts)));

/** Follows a vector's tweaks. */
function follow(publicKey: string, tweaks: readonly string[], isXonly: readonly boolean[]): TweakedKey {
  return tweaks.reduce(
    (key, tweak, i) => (isXonly[i] ? xOnlyTweak : plainTweak)(key, number(hex(tweak))),
    untweaked(hex(publicKey)),
  );
}
const pick = <T>(list: readonly T[], indices: readonly number[]) => indices.map((i) => list[i]!);

Deno.test("plainTweak() and xOnlyTweak() come to the key that BIP-445's aggregated signatures verify under", () => {
  let seen = 0;
  for (const { thresh_pk, tweaks, valid_tests } of aggregated.test_groups) {
    for (const { comment, tweak_indices, is_xonly, msg, expected } of valid_tests) {
      const key = follow(thresh_pk, pick(tweaks, tweak_indices), is_xonly);
      const x = tweakedPublicKey(key).subarray(1);
      assert.ok(verifyBip340(x, hex(msg), hex(expected)), comment);
      if (tweak_indices.length > 0) {
        assert.ok(!verifyBip340(hex(thresh_pk).subarray(1), hex(msg), hex(expected)), comment);
      }
      seen++;
    }
  }
  assert.equal(seen, 14);
});

// A partial signature of BIP-445 holds the sign of the share, g · gacc, and Q inside of two hashes: the BIP's
// PartialSigVerify is written out here with this module's key.
Deno.test("TweakedKey has the sign and the point that BIP-445's partial signatures are made with", () => {
  const signs = new Set<string>();
  let seen = 0;
  for (const { thresh_pk, pubshares, pubnonces, tweaks, valid_tests } of tweaked.test_groups) {
    for (const test of valid_tests) {
      const { ids, my_id, is_xonly } = test;
      const before = follow(thresh_pk, pick(tweaks, test.tweak_indices), is_xonly);
      const key = withEvenY(before);
      const x = tweakedPublicKey(key).subarray(1);
      const nonces = (from: string) =>
        [from.slice(0, 66), from.slice(66)].map((p) => group.decodeElement(hex(p)));
      const msg = hex(test.msg);
      const idBytes = joined(...[...ids].sort((a, b) => a - b).map((id) => Uint8Array.of(0, 0, 0, id)));
      const b = hashed("BIP0445/noncecoef", idBytes, hex(test.aggnonce), x, msg);
      const combined = ([hiding, binding]: Element[]) => hiding!.add(group.combine([binding!], [b]));
      const R = combined(nonces(test.aggnonce));
      const e = hashed("BIP0340/challenge", group.encodeElement(R).subarray(1), x, msg);
      const own = combined(nonces(pubnonces[my_id]!));
      const share = group.decodeElement(hex(pubshares[my_id]!));
      const lambda = ids.filter((id) => id !== my_id)
        .reduce((l, id) => Fn.mul(l, Fn.div(BigInt(id + 1), group.reduce(BigInt(id - my_id)))), 1n);
      const signed = key.negated ? share.negate() : share;
      const right = (isOdd(R) ? own.negate() : own).add(group.combine([signed], [Fn.mul(e, lambda)]));
      assert.ok(group.multiplyBase(number(hex(test.expected))).equals(right), test.comment);
      signs.add(`${key.negated} ${hasOddY(before)} ${isOdd(R)}`);
      seen++;
    }
  }
  assert.equal(seen, 28);
  assert.ok(signs.size >= 4, [...signs].join(", "));
});

// What of BIP-445's vectors is about something that this module does not have.
const notApplicable: Readonly<Record<string, string>> = {
  "Number of tweaks does not match the number of tweak modes": "each tweak here is a call of its own",
  "Tweak is not a 32-byte array": "a tweak is a number here; it comes out of a hash",
};
Deno.test("plainTweak() refuses the tweaks that BIP-445's vectors call errors; the other errors are listed", () => {
  for (const { thresh_pk, tweaks, error_tests } of tweaked.test_groups) {
    assert.equal(error_tests.length, 4);
    for (const { comment, tweak_indices, is_xonly, error } of error_tests) {
      if (comment in notApplicable) continue;
      const problem = {
        "The tweak value is out of range.": /not below/,
        "The result of tweaking cannot be infinity.": /identity/,
      };
      const expected = problem[error.message as keyof typeof problem];
      assert.throws(() => follow(thresh_pk, pick(tweaks, tweak_indices), is_xonly), expected, comment);
    }
  }
  // Of the other files, nonce_gen, nonce_agg, det_sign and sign_verify are about BIP-445's nonces, which this
  // suite does not have: it is RFC 9591's. The errors of sig_agg are about lists that do not fit, and a share
  // out of range, which signatureShare's decoder refuses.
});

Deno.test("plainTweak() refuses numbers out of range", () => {
  const key = untweaked(group.encodeElement(group.multiplyBase(5n)));
  for (const by of [-1n, group.order, group.order + 1n]) {
    assert.throws(() => plainTweak(key, by), RangeError);
    assert.throws(() => xOnlyTweak(key, by), RangeError);
  }
  assert.throws(() => plainTweak(key, group.order - 5n), RangeError);
  assert.ok(plainTweak(key, 0n).point.equals(key.point));
});

Deno.test("xOnlyTweak() and plainTweak() come to libsecp256k1's points", () => {
  const scalar = fc.bigInt(1n, group.order - 1n);
  const parities = new Set<number>();
  fc.assert(fc.property(scalar, scalar, (secret, by) => {
    fc.pre(secret !== by && secret + by !== group.order); // the sum may be no key
    const publicKey = group.encodeElement(group.multiplyBase(secret));
    const tweak = group.encodeScalar(by);
    const theirs = libsecp256k1.xOnlyPointAddTweak(publicKey.subarray(1), tweak);
    const ours = xOnlyTweak(untweaked(publicKey), by);
    assert.equal(tweakedPublicKey(ours).subarray(1).toHex(), Uint8Array.from(theirs!.xOnlyPubkey).toHex());
    assert.equal(hasOddY(ours), theirs!.parity === 1);
    const plain = tweakedPublicKey(plainTweak(untweaked(publicKey), by));
    assert.equal(plain.toHex(), Uint8Array.from(libsecp256k1.pointAddScalar(publicKey, tweak)!).toHex());
    parities.add(publicKey[0]! * 2 + theirs!.parity);
  }));
  assert.equal(parities.size, 4);
});

Deno.test("tweakedShare() and tweakedVerifyingShares() are shares of the tweaked key after any tweaks", () => {
  const step = fc.record({ by: fc.bigInt(0n, group.order - 1n), xOnly: fc.boolean() });
  const signs = new Set<string>();
  fc.assert(
    fc.property(fc.string(), fc.array(step, { maxLength: 4 }), fc.boolean(), (seed, steps, even) => {
      const key = dealKey(2, 3, seed);
      let made = steps.reduce(
        (k, { by, xOnly }) => (xOnly ? xOnlyTweak : plainTweak)(k, by),
        untweaked(key.publicKey),
      );
      if (even) made = withEvenY(made);
      const shares = key.shares.map((share) => tweakedShare(share, made));
      const images = tweakedVerifyingShares(key.verifyingShares, made);
      for (const [i, share] of shares.entries()) {
        assert.deepEqual(images[i], group.encodeElement(group.multiplyBase(group.decodeScalar(share))));
      }
      for (const [a, b] of [[1, 2], [1, 3], [3, 2]] as const) {
        const of = (i: number) => group.decodeScalar(shares[i - 1]!);
        const secret = interpolate(group, new Map([[a, of(a)], [b, of(b)]]));
        assert.deepEqual(group.encodeElement(group.multiplyBase(secret)), tweakedPublicKey(made));
      }
      if (even) assert.equal(hasOddY(made), false);
      signs.add(`${made.negated} ${even}`);
    }),
    { numRuns: 60, seed: 445 },
  );
  assert.equal(signs.size, 4);
});
