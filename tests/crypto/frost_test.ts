import { encode } from "cborg";
import fc from "fast-check";
import assert from "node:assert/strict";
import { aggregate, commit, type Signing, verifySignatureShare } from "../../src/crypto/frost.ts";
import { frostEd25519 as suite } from "../../src/crypto/frost_ed25519.ts";
import { verifyEd25519 } from "../../src/crypto/ed25519.ts";
import { interpolate, makeKey, seeded } from "../protocol/keys.ts";
import vector from "../vectors/rfc9591_ed25519.json" with { type: "json" };
import { badElements, badScalars } from "./points.ts";

const hex = (text: string) => Uint8Array.fromHex(text);
const message = new TextEncoder().encode("hello threshold");
const { group, nonceCommitment } = suite;
const signatureShares = suite.signatureShares(1);

/** The signers with these identifiers, of a fresh 2-of-3 key, with the nonces drawn. */
async function ready(identifiers: readonly number[] = [1, 3], threshold = 2) {
  const members = ["alice", "bob", "carol"];
  const { key, shares } = await makeKey({ members, threshold });
  const signers = identifiers.map((identifier) => ({
    identifier,
    share: shares.get(members[identifier - 1]!)!,
  }));
  const nonces = signers.map((signer, i) => commit(suite, signer, seeded(`nonces ${i}`)));
  const commitments = new Map(identifiers.map((identifier, i) => [identifier, nonces[i]!.commitment]));
  return { key, signers, nonces, signing: { key, commitments, message } satisfies Signing };
}

Deno.test("commit(), signShare() and aggregate() reproduce RFC 9591 appendix E.1", () => {
  const { inputs, round_one_outputs, round_two_outputs, final_output } = vector;
  const key = {
    threshold: 2,
    publicKey: hex(inputs.group_public_key),
    verifyingShares: inputs.participant_shares.map(({ participant_share }) =>
      group.encodeElement(group.multiplyBase(group.decodeScalar(hex(participant_share))))
    ),
  };
  const shares = new Map(inputs.participant_shares.map((s) => [s.identifier, hex(s.participant_share)]));
  const signers = round_one_outputs.outputs.map((given) => {
    const draws = [given.hiding_nonce_randomness, given.binding_nonce_randomness].map(hex);
    const random = (length: number) => {
      assert.equal(length, 32);
      return draws.shift()!;
    };
    const nonces = commit(
      suite,
      { identifier: given.identifier, share: shares.get(given.identifier)! },
      random,
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

Deno.test("commit() draws 64 fresh bytes for every signature", async () => {
  const { signers } = await ready();
  let drawn = 0;
  const random = seeded("drawn");
  commit(suite, signers[0]!, (length) => {
    drawn += length;
    return random(length);
  });
  assert.equal(drawn, 64);
});

// F37
Deno.test("signShare() works once: not again with another message, other commitments, or the same", async () => {
  const { nonces: [mine], signing } = await ready();
  const first = mine!.signShare(signing);
  assert.equal(first.length, 32);
  for (const again of [signing, { ...signing, message: new Uint8Array() }]) {
    assert.throws(() => mine!.signShare(again), /used before/);
  }
  // Nothing of the handle can be copied but the call itself: there are no bytes to clone.
  assert.throws(() => structuredClone(mine), DOMException);
  assert.deepEqual(Object.keys(mine!), ["commitment", "signShare"]);
  const copy = { ...mine! };
  assert.throws(() => copy.signShare(signing), /used before/);
});

Deno.test("signShare() does not work after the nonces have left their scope, or after it failed", async () => {
  const { nonces: [first, second], signing } = await ready();
  first![Symbol.dispose]();
  assert.throws(() => first!.signShare(signing), /used before/);
  assert.throws(() => second!.signShare({ ...signing, commitments: new Map() }));
  assert.throws(() => second!.signShare(signing), /used before/);
});

// F39
Deno.test("signShare() refuses a list without its own commitment, with another in its place, or too short", async () => {
  const swaps: ((commitments: Map<number, { hiding: Uint8Array; binding: Uint8Array }>) => unknown)[] = [
    (list) => list.delete(1),
    (list) => list.set(1, list.get(3)!),
    (list) => list.set(1, { hiding: list.get(1)!.binding, binding: list.get(1)!.hiding }),
    (list) => list.delete(3),
  ];
  for (const swap of swaps) {
    const { nonces: [mine], signing } = await ready();
    const commitments = new Map(signing.commitments);
    swap(commitments);
    assert.throws(() => mine!.signShare({ ...signing, commitments }), Error, swap.toString());
  }
});

Deno.test("aggregate() does not depend on the order in which signers are listed", async () => {
  const { nonces, signing } = await ready();
  const turned = { ...signing, commitments: new Map([...signing.commitments].reverse()) };
  const answers = new Map([[3, nonces[1]!.signShare(turned)], [1, nonces[0]!.signShare(signing)]]);
  assert.deepEqual(
    aggregate(suite, signing, answers),
    aggregate(suite, turned, new Map([...answers].reverse())),
  );
  assert.ok(aggregate(suite, signing, answers).signature);
});

// F40
Deno.test("aggregate() names exactly the cheaters, however many", async () => {
  const everyone = [1, 2, 3];
  for (let cheating = 1; cheating < 8; cheating++) {
    const { nonces, signing } = await ready(everyone, 3);
    const cheaters = everyone.filter((i) => cheating & (1 << (i - 1)));
    const answers = new Map(everyone.map((i) => {
      const answer = nonces[i - 1]!.signShare(signing);
      return [i, cheaters.includes(i) ? answer.with(0, answer[0]! ^ 1) : answer];
    }));
    assert.deepEqual(aggregate(suite, signing, answers), { signature: null, cheaters });
  }
});

Deno.test("aggregate() names two cheaters whose errors cancel out nowhere, and nobody when they do", async () => {
  const { nonces, signing } = await ready();
  const [a, b] = nonces.map((mine) => group.decodeScalar(mine.signShare(signing)));
  const shifted = (x: bigint, y: bigint) =>
    new Map([[1, group.encodeScalar(group.reduce(a! + x))], [3, group.encodeScalar(group.reduce(b! + y))]]);
  assert.deepEqual(aggregate(suite, signing, shifted(5n, 5n)), { signature: null, cheaters: [1, 3] });
  // The sum is what counts (RFC 9591 §5.3): a right signature is never thrown away for the sake of blame.
  assert.ok(aggregate(suite, signing, shifted(5n, -5n)).signature);
});

// F15: 0 is a scalar that decodes, and no answer.
Deno.test("aggregate() names a signer whose share is 0", async () => {
  const { nonces, signing } = await ready();
  const answers = new Map([[1, nonces[0]!.signShare(signing)], [3, new Uint8Array(32)]]);
  assert.deepEqual(aggregate(suite, signing, answers), { signature: null, cheaters: [3] });
});

// F43: a share is looked at under the identifier of the channel it came over.
Deno.test("verifySignatureShare() refuses a right share under another identifier", async () => {
  const { nonces, signing } = await ready();
  const answer = nonces[0]!.signShare(signing);
  assert.ok(verifySignatureShare(suite, signing, 1, answer));
  assert.ok(!verifySignatureShare(suite, signing, 3, answer));
});

// F12, F13, F14
Deno.test("nonceCommitment refuses, in both places, what is no element of prime order", () => {
  const good = group.encodeElement(group.multiplyBase(7n));
  const written = (hiding: Uint8Array, binding: Uint8Array) =>
    encode(["quorate/1/frost/commitment", hiding, binding]);
  assert.deepEqual(nonceCommitment.decode(written(good, good)), {
    hiding: good,
    binding: good,
  });
  for (const { what, bytes } of badElements.ed25519) {
    assert.throws(() => nonceCommitment.decode(written(bytes, good)), TypeError, what);
    assert.throws(() => nonceCommitment.decode(written(good, bytes)), TypeError, what);
  }
});

// F15
Deno.test("signatureShares refuses what is no scalar, and reads 0", () => {
  const written = (share: Uint8Array) => encode(["quorate/2/frost/shares", [share]]);
  for (const { what, bytes } of badScalars(group)) {
    assert.throws(() => signatureShares.decode(written(bytes)), TypeError, what);
  }
  assert.deepEqual(signatureShares.decode(written(new Uint8Array(32))), [new Uint8Array(32)]);
});

// F01, F43
Deno.test("signatureShares refuses more fields, fewer, another type's bytes, and anything after the end", () => {
  const good = signatureShares.encode([new Uint8Array(32)]);
  const refused = [
    encode(["quorate/1/frost/share", new Uint8Array(32), 3]),
    encode(["quorate/1/frost/share"]),
    nonceCommitment.encode({ hiding: new Uint8Array(32), binding: new Uint8Array(32) }),
    Uint8Array.of(...good, 0),
    good.subarray(0, -1),
    new Uint8Array(),
  ];
  for (const bytes of refused) assert.throws(() => signatureShares.decode(bytes), TypeError);
});

// F16
Deno.test("nonceCommitment and signatureShares throw nothing but TypeError for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (noise, at) => {
      const good = signatureShares.encode([new Uint8Array(32)]);
      for (const bytes of [noise, good.with(at % good.length, noise[0] ?? 0)]) {
        for (const { decode } of [nonceCommitment, signatureShares]) {
          try {
            decode(bytes);
          } catch (error) {
            assert.ok(error instanceof TypeError);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("aggregate() gives what a single signer with the whole secret could have made", async () => {
  const { key, signers, nonces, signing } = await ready();
  const secret = interpolate(group, new Map(signers.map((s) => [s.identifier, group.decodeScalar(s.share)])));
  assert.deepEqual(group.encodeElement(group.multiplyBase(secret)), key.publicKey);
  const answers = new Map(signers.map((s, i) => [s.identifier, nonces[i]!.signShare(signing)]));
  assert.ok(verifyEd25519(key.publicKey, message, aggregate(suite, signing, answers).signature!));
});
