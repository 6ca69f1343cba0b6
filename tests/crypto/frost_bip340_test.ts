import { encode } from "cborg";
import fc from "fast-check";
import assert from "node:assert/strict";
import * as libsecp256k1 from "tiny-secp256k1";
import { type KeyTweaks, tweakedKeyOf } from "../../src/crypto/bip340/signing_key.ts";
import { aggregate, commit, type NonceCommitment, verifySignatureShare } from "../../src/crypto/frost.ts";
import { frostBip340 as suite } from "../../src/crypto/frost_bip340.ts";
import { frostEd25519 } from "../../src/crypto/frost_ed25519.ts";
import {
  hasOddY,
  plainTweak,
  tweakedPublicKey,
  tweakedShare,
  tweakedVerifyingShares,
  untweaked,
  xOnlyTweak,
} from "../../src/crypto/bip340/key_tweak.ts";
import { tapTweak } from "../../src/crypto/bip340/taproot.ts";
import { childOf } from "../../src/crypto/bip32.ts";
import { seeded } from "../protocol/keys.ts";
import vector from "../vectors/bip340/frost_secp256k1_tr.json" with { type: "json" };
import generated from "../vectors/bip340/frost_secp256k1_tr_dkg.json" with { type: "json" };
import {
  aggregateWith,
  dealKey,
  firstThat,
  group,
  groupCommitment,
  hex,
  isOdd,
  shareAll,
  verifiesEverywhere,
} from "./bip340/keys.ts";
import { badElements, badScalars } from "./points.ts";

const { nonceCommitment } = suite;
const signatureShares = suite.signatureShares(1);
const none = new Uint8Array();
const root = seeded("merkle root")(32);
const message = seeded("hash of a transaction")(32);
const untouched: KeyTweaks = { path: [], merkleRoot: null };

// tests/vectors/bip340/README.md
Deno.test("commit(), signShare() and aggregate() reproduce the rounds of frost-secp256k1-tr", () => {
  const { inputs, round_one_outputs, round_two_outputs, final_output } = vector;
  const shares = new Map(inputs.participant_shares.map((s) => [s.identifier, hex(s.participant_share)]));
  const verifyingShares = [...shares.values()].map((share) =>
    group.encodeElement(group.multiplyBase(group.decodeScalar(share)))
  );
  const key = { threshold: 2, publicKey: hex(inputs.verifying_key_key), verifyingShares };
  const signers = round_one_outputs.outputs.map((given) => {
    const draws = [given.hiding_nonce_randomness, given.binding_nonce_randomness].map(hex);
    const nonces = commit(
      suite,
      { identifier: given.identifier, share: shares.get(given.identifier)! },
      (length) => {
        assert.equal(length, 32);
        return draws.shift()!;
      },
    );
    assert.equal(nonces.commitment.hiding.toHex(), given.hiding_nonce_commitment);
    assert.equal(nonces.commitment.binding.toHex(), given.binding_nonce_commitment);
    return { identifier: given.identifier, nonces };
  });
  const commitments = new Map(signers.map(({ identifier, nonces }) => [identifier, nonces.commitment]));
  const signing = { key, commitments, message: hex(inputs.message) };
  const answers = new Map(signers.map(({ identifier, nonces }) => [identifier, nonces.signShare(signing)]));
  for (const { identifier, sig_share } of round_two_outputs.outputs) {
    assert.equal(answers.get(identifier)!.toHex(), sig_share);
    assert.ok(verifySignatureShare(suite, signing, identifier, hex(sig_share)));
  }
  assert.equal(aggregate(suite, signing, answers).signature?.toHex(), final_output.sig);
});

// Its key generation is another than ours; but what it does to the sum, a Taproot tweak without a script, is
// the same.
Deno.test("xOnlyTweak() by tapTweak() gives key and shares that frost-secp256k1-tr's key generation ends with", () => {
  const { inputs } = generated;
  const members = [inputs[1], inputs[2], inputs[3]];
  const sum = (numbers: bigint[]) => group.reduce(numbers.reduce((a, b) => a + b, 0n));
  const dealt = members.map(({ identifier, signing_key, coefficient, signing_shares }) => {
    const own = group.decodeScalar(hex(signing_key)) +
      group.decodeScalar(hex(coefficient)) * BigInt(identifier);
    return sum([own, ...Object.values(signing_shares).map((share) => group.decodeScalar(hex(share)))]);
  });
  const publicKey = group.encodeElement(
    members.map(({ vss_commitments }) => group.decodeElement(hex(vss_commitments[0]!)))
      .reduce((a, b) => a.add(b), group.zero),
  );
  const key = xOnlyTweak(untweaked(publicKey), tapTweak(publicKey.subarray(1), none));
  assert.equal(tweakedPublicKey(key).toHex(), inputs.verifying_key);
  const images = dealt.map((share) => group.encodeElement(group.multiplyBase(share)));
  for (const [i, { signing_share, verifying_share }] of members.entries()) {
    assert.equal(tweakedShare(group.encodeScalar(dealt[i]!), key).toHex(), signing_share);
    assert.equal(tweakedVerifyingShares(images, key)[i]!.toHex(), verifying_share);
  }
});

// Each parity decides about a sign: the group key's, the tweaked key's before it signs, the group
// commitment's.
for (const [threshold, n] of [[2, 3], [3, 5]] as const) {
  const identifiers = [1, 3, 5, 2, 4].filter((i) => i <= n).slice(0, threshold);
  for (const oddKey of [false, true]) {
    const key = firstThat(
      (seed) => dealKey(threshold, n, `${threshold} of ${n} ${seed}`),
      ({ publicKey }) => (publicKey[0] === 3) === oddKey,
    );
    for (const merkleRoot of [none, root]) {
      for (const oddTweaked of [false, true]) {
        const path = firstThat((seed) => [Number(seed)], (path) => {
          const child = plainTweak(untweaked(key.publicKey), childOf(group, key, path).tweak);
          const t = tapTweak(tweakedPublicKey(child).subarray(1), merkleRoot);
          return hasOddY(xOnlyTweak(child, t)) === oddTweaked;
        });
        const tweaked = tweakedKeyOf(key, { path, merkleRoot });
        for (const oddNonce of [false, true]) {
          const odd = Object.entries({ key: oddKey, "tweaked key": oddTweaked, nonce: oddNonce });
          const parities = odd.map(([what, odd]) => `${what} ${odd ? "odd" : "even"}`).join(", ");
          const script = merkleRoot.length === 0 ? "no script" : "a script";
          Deno.test(`aggregate() signs and names cheaters: ${threshold} of ${n}, ${script}, ${parities}`, () => {
            const ran = firstThat(
              (seed) => shareAll(key, { tweaked, identifiers, message, seed }),
              ({ signing }) => isOdd(groupCommitment(signing)) === oddNonce,
            );
            const { signature } = aggregateWith(ran);
            assert.ok(
              signature !== null && verifiesEverywhere(ran.signing.key.publicKey, message, signature),
            );
            const nonce = group.encodeElement(groupCommitment(ran.signing));
            assert.deepEqual(signature.slice(0, 32), nonce.slice(1));
            for (const [i, share] of ran.shares) {
              assert.ok(verifySignatureShare(suite, ran.signing, i, share));
            }
            for (const cheater of identifiers) {
              assert.deepEqual(aggregateWith(ran, [cheater]), { signature: null, cheaters: [cheater] });
            }
            const some = identifiers.slice(1);
            assert.deepEqual(aggregateWith(ran, some), { signature: null, cheaters: some });
          });
        }
      }
    }
  }
}

Deno.test("signShare() is held to the sign that the parities ask for: the opposite share is named", () => {
  for (const seed of ["a", "b", "c", "d"]) {
    const key = dealKey(2, 3, seed);
    const ran = shareAll(key, { tweaked: tweakedKeyOf(key, untouched), identifiers: [1, 3], message, seed });
    const opposite = group.encodeScalar(group.reduce(-group.decodeScalar(ran.shares.get(3)!)));
    const answers = new Map(ran.shares).set(3, opposite);
    assert.deepEqual(aggregate(suite, ran.signing, answers), { signature: null, cheaters: [3] });
  }
});

Deno.test("aggregate() takes a group key with an odd y as it is", () => {
  const key = firstThat((seed) => dealKey(2, 3, seed), ({ publicKey }) => publicKey[0] === 3);
  const ran = shareAll(key, { tweaked: untweaked(key.publicKey), identifiers: [2, 3], message });
  assert.deepEqual(ran.signing.key.publicKey, key.publicKey);
  const { signature } = aggregateWith(ran);
  assert.ok(verifiesEverywhere(key.publicKey, message, signature!));
  assert.deepEqual(aggregateWith(ran, [2]), { signature: null, cheaters: [2] });
});

// BIP-445 hashes Q into the nonces' coefficient; here RFC 9591 §4.4 does.
Deno.test("signShare() binds nonces to the tweaks: the same nonces, promised for another output, make no signature", () => {
  const key = dealKey(2, 3, "bound");
  const [one, other] = [none, root].map((merkleRoot) => tweakedKeyOf(key, { path: [0], merkleRoot }));
  const first = shareAll(key, { tweaked: one!, identifiers: [1, 2], message });
  const second = shareAll(key, { tweaked: other!, identifiers: [1, 2], message });
  const commitments = first.signing.commitments;
  const moved = { ...second.signing, commitments };
  assert.notDeepEqual(
    group.encodeElement(groupCommitment(first.signing)),
    group.encodeElement(groupCommitment(moved)),
  );
  assert.ok(!verifySignatureShare(suite, moved, 1, first.shares.get(1)!));
  assert.deepEqual(aggregate(suite, moved, first.shares), { signature: null, cheaters: [1, 2] });
});

const index = fc.nat(2 ** 31 - 1);
const anyTweaks: fc.Arbitrary<KeyTweaks> = fc.record({
  path: fc.array(index, { maxLength: 3 }),
  merkleRoot: fc.oneof(
    fc.constant(null),
    fc.constant(none),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
  ),
});
const anySigners = fc.integer({ min: 2, max: 5 }).chain((n) =>
  fc.integer({ min: 2, max: n }).chain((threshold) =>
    fc.record({
      n: fc.constant(n),
      threshold: fc.constant(threshold),
      identifiers: fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i + 1), {
        minLength: threshold,
        maxLength: threshold,
      }),
      forger: fc.nat(threshold - 1),
    })
  )
);

Deno.test("aggregate() signs under the output key with any t of n up to 5, any path, any tweak, and names a forger", () => {
  fc.assert(
    fc.property(anySigners, anyTweaks, fc.string(), ({ n, threshold, identifiers, forger }, tweaks, seed) => {
      const key = dealKey(threshold, n, seed);
      const tweaked = tweakedKeyOf(key, tweaks);
      assert.equal(tweakedPublicKey(tweaked)[0], 2);
      const ran = shareAll(key, { tweaked, identifiers, message, seed });
      const { signature } = aggregateWith(ran);
      assert.ok(signature !== null && verifiesEverywhere(outputOf(key, tweaks), message, signature));
      const cheaters = [identifiers[forger]!];
      assert.deepEqual(aggregateWith(ran, cheaters), { signature: null, cheaters });
    }),
    { numRuns: 100 },
  );
});

/** The key to verify under, come to by libsecp256k1 alone from the child's. */
function outputOf(
  key: { publicKey: Uint8Array; chainCode: Uint8Array },
  { path, merkleRoot }: KeyTweaks,
): Uint8Array {
  const child = childOf(group, key, path).publicKey;
  if (merkleRoot === null) return child;
  const tweak = group.encodeScalar(tapTweak(child.subarray(1), merkleRoot));
  return Uint8Array.of(2, ...libsecp256k1.xOnlyPointAddTweak(child.subarray(1), tweak)!.xOnlyPubkey);
}

// F12, F13, F14
Deno.test("nonceCommitment of BIP-340 refuses, in both places, what is no point, and Ed25519's", () => {
  const good = group.encodeElement(group.multiplyBase(7n));
  const written = (hiding: Uint8Array, binding: Uint8Array) =>
    encode(["quorate/1/bip340/commitment", hiding, binding]);
  assert.deepEqual(nonceCommitment.decode(written(good, good)), { hiding: good, binding: good });
  for (const { what, bytes } of badElements.secp256k1) {
    assert.throws(() => nonceCommitment.decode(written(bytes, good)), TypeError, what);
    assert.throws(() => nonceCommitment.decode(written(good, bytes)), TypeError, what);
  }
  const commitment: NonceCommitment = { hiding: good, binding: good };
  assert.throws(() => frostEd25519.nonceCommitment.decode(nonceCommitment.encode(commitment)), TypeError);
});

// F15
Deno.test("signatureShares of BIP-340 refuses what is no scalar, reads 0, and is not Ed25519's", () => {
  const written = (share: Uint8Array) => encode(["quorate/2/bip340/shares", [share]]);
  for (const { what, bytes } of badScalars(group)) {
    assert.throws(() => signatureShares.decode(written(bytes)), TypeError, what);
  }
  assert.deepEqual(signatureShares.decode(written(new Uint8Array(32))), [new Uint8Array(32)]);
  const share = new Uint8Array(32);
  assert.throws(() => frostEd25519.signatureShares(1).decode(signatureShares.encode([share])), TypeError);
});
