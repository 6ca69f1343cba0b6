import assert from "node:assert/strict";
import { hash } from "../../../src/crypto/codec.ts";
import { bytesOf, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { expand } from "../../../src/crypto/dkls/oracle.ts";
import type { Extension } from "../../../src/crypto/dkls/ot_extension.ts";
import { type Correction, type Pair, rvoleAlice, rvoleBob } from "../../../src/crypto/dkls/rvole.ts";
import { shortOracle } from "../../../src/crypto/dkls/short_oracle.ts";
import { order, scalarAt } from "../../../src/crypto/dkls_shapes.ts";
import { groups } from "../../../src/crypto/group.ts";
import type { Random } from "../../../src/ports.ts";
import { dealDirection } from "../../protocol/ecdsa_keys.ts";
import { seeded } from "../../protocol/keys.ts";

const group = groups.secp256k1;
const setup = new Uint8Array(32).fill(1);
const sessions = { bob: new Uint8Array(32).fill(2), alice: new Uint8Array(32).fill(3) };
const { alice, bob } = dealDirection(seeded("base OTs"));
const items = 2;
const begin = (random: Random = seeded("bob"), count = items) =>
  rvoleBob({ setup, keys: bob.offered, items: count, session: sessions.bob, random });
const first = begin();
const aliceFor = (
  message: Extension,
  over: { sessions?: typeof sessions; delta?: Uint32Array; items?: number } = {},
) =>
  rvoleAlice({
    setup,
    keys: alice.chosen,
    delta: alice.delta,
    items,
    sessions,
    message,
    ...over,
  });
/** What Alice says to Bob's first message: for both items. */
const answers = (
  factors: readonly Pair[],
  over: { sessions?: typeof sessions; random?: Random } = {},
) => {
  const { random = seeded("alice"), ...rest } = over;
  using multiplying = aliceFor(first.message, rest)!;
  return factors.map((pair, item) => multiplying.multiply(item, pair, random));
};
const factors: Pair[] = ["a", "b"].map((seed) => [
  group.randomScalar(seeded(`${seed}1`)),
  group.randomScalar(seeded(`${seed}2`)),
]);
const honest = answers(factors);
const flip = (bytes: Uint8Array, at: number, mask = 1) => bytes.with(at, bytes[at]! ^ mask);

/** Whether Bob takes these corrections for all items. */
function takes(corrections: readonly Correction[], session = sessions.alice): boolean {
  using again = begin();
  for (const [item, correction] of corrections.entries()) again.unmask(item, session, correction);
  return again.passes();
}
const honestCorrections = honest.map(({ message }) => message);
/** Bob refuses the batch if this is changed in the one item, and if it is in the other. */
const refused = (change: (message: Correction) => Partial<Correction>) => {
  for (let item = 0; item < items; item++) {
    const message = honestCorrections[item]!;
    assert.ok(!takes(honestCorrections.with(item, { ...message, ...change(message) })), `item ${item}`);
  }
};

Deno.test("rvoleAlice() and rvoleBob() share a_1 · b and a_2 · b, for each item with a b of its own", () => {
  const random = seeded("factors");
  const edge: Pair[] = [[0n, 0n], [0n, 1n], [order - 1n, order - 1n], [1n, 2n ** 255n]];
  const pairs = [
    ...edge,
    ...Array.from({ length: 6 }, (): Pair => [group.randomScalar(random), group.randomScalar(random)]),
  ];
  for (const batch of [...pairs.map((pair) => [pair]), pairs]) {
    using bob = begin(random, batch.length);
    using multiplying = aliceFor(bob.message, { items: batch.length })!;
    for (const [item, pair] of batch.entries()) {
      assert.ok(!bob.passes(), "not before the last item");
      const made = multiplying.multiply(item, pair, random);
      const shares = bob.unmask(item, sessions.alice, made.message);
      for (const i of [0, 1] as const) {
        assert.equal(
          group.reduce(made.shares[i] + shares[i]),
          group.reduce(pair[i] * bob.multiplicands[item]!),
        );
        assert.ok(shares[i] >= 0n && shares[i] < order);
      }
    }
    assert.ok(bob.passes());
    assert.equal(new Set(bob.multiplicands).size, batch.length);
  }
});

Deno.test("Bob refuses a tampered a~ in any item, in each of the four scalars of a row", () => {
  assert.ok(takes(honestCorrections));
  // θ hashes all of a~, so that one changed bit spoils η and μ whatever β is.
  for (let i = 0; i < 65_536; i += 6_666) {
    refused(({ corrections }) => ({ corrections: flip(corrections, i) }));
  }
  for (const l of [0, 1, 2, 3]) {
    refused(({ corrections }) => ({ corrections: flip(corrections, 32 * l + 31) }));
  }
});

Deno.test("Bob refuses a tampered η or μ in any item", () => {
  for (let at = 0; at < 64; at += 7) refused(({ responses }) => ({ responses: flip(responses, at) }));
  for (let at = 0; at < 32; at += 5) refused(({ digest }) => ({ digest: flip(digest, at, 0x80) }));
});

Deno.test("Bob refuses swapped rows of a~ and swapped responses", () => {
  refused(({ corrections }) => {
    const swapped = corrections.slice();
    swapped.set(corrections.subarray(128, 256));
    swapped.set(corrections.subarray(0, 128), 128);
    return { corrections: swapped };
  });
  refused(({ responses }) => ({
    responses: Uint8Array.of(...responses.subarray(32), ...responses.subarray(0, 32)),
  }));
});

Deno.test("Bob refuses two items whose corrections changed places, and a batch that lacks one", () => {
  assert.ok(!takes(honestCorrections.toReversed()));
  assert.ok(!takes(honestCorrections.slice(0, 1)));
  assert.ok(!takes([honestCorrections[0]!, honestCorrections[0]!]));
});

Deno.test("Bob refuses what was multiplied with another Δ, in another session, or for another Bob", () => {
  const delta = alice.delta.with(0, alice.delta[0]! ^ 1);
  // Her own check of his extension notices it, so that the message is never made.
  assert.equal(aliceFor(first.message, { delta }), null);
  assert.equal(aliceFor(first.message, { sessions: { ...sessions, bob: sessions.alice } }), null);
  const elsewhere = answers(factors, { sessions: { ...sessions, alice: sessions.bob } });
  assert.ok(!takes(elsewhere.map(({ message }) => message)));
  using another = begin(seeded("another bob"));
  for (const [item, message] of honestCorrections.entries()) another.unmask(item, sessions.alice, message);
  assert.ok(!another.passes());
});

Deno.test("rvoleAlice() does not repeat its pads when only her own nonce is new", () => {
  const again = answers(factors, { sessions: { ...sessions, alice: sessions.alice.with(0, 9) } });
  for (const [item, { message }] of again.entries()) {
    const before = honestCorrections[item]!.corrections;
    const same = message.corrections.filter((byte, i) => byte === before[i]).length;
    assert.ok(same < 65_536 / 128, `${same} bytes are the same`);
  }
});

Deno.test("rvoleAlice() wipes her rows when it leaves scope", () => {
  const made = aliceFor(first.message)!;
  made[Symbol.dispose]();
  assert.ok(!takes(factors.map((pair, item) => made.multiply(item, pair, seeded("gone")).message)));
});

Deno.test("rvoleAlice() multiplies once for an item: its pads are of one use", () => {
  using multiplying = aliceFor(first.message)!;
  multiplying.multiply(0, factors[0]!, seeded("once"));
  assert.throws(() => multiplying.multiply(0, factors[1]!, seeded("once")), /item 0 was multiplied before/);
});

// η_k = a^_k + Σ θ_i,k a_i, with θ public: two a^ that are known, or alike, are an equation about a nonce and a key.
Deno.test("rvoleAlice() hides her factors behind two check inputs that she draws for each item", () => {
  const again = answers(factors, { random: seeded("alice, once more") });
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);
  const moves = again.map(({ message }, item) => {
    const before = honestCorrections[item]!;
    const column = (l: number, { corrections }: Correction) => scalarAt(view(corrections), l);
    const moved = [0, 1, 2, 3].map((l) => group.reduce(column(l, message) - column(l, before)));
    assert.deepEqual(moved.slice(0, 2), [0n, 0n], "the pads and the factors are the same");
    assert.ok(moved[2] !== 0n && moved[3] !== 0n && moved[2] !== moved[3]);
    assert.notDeepEqual(message.responses.slice(0, 32), before.responses.slice(0, 32));
    assert.notDeepEqual(message.responses.slice(32), before.responses.slice(32));
    return moved.slice(2);
  });
  assert.equal(new Set(moves.flat()).size, 4);
});

/**
 * A Bob who makes all of Alice's rows alike: with Δ = 1…1, which he would have to guess, u_i = PRG(key_1,i) makes
 * q_i = 0.
 */
function rowsAlike(count: number) {
  const keys = seeded("rows alike")(4_096), delta = new Uint32Array(4).fill(0xffffffff);
  const id = wordsOf(hash("quorate/1/dkls/ot-extension/columns", sessions.bob).subarray(0, 16));
  const [s0, s1, s2, s3] = id as unknown as [number, number, number, number];
  const words = 16 * count + 4;
  const columns = new Uint32Array(128 * words);
  for (let i = 0; i < 128; i++) {
    shortOracle(wordsOf(keys), 8 * i, 2 * i + 1, s0, s1, s2, s3, columns, i * words, words);
  }
  const message = {
    columns: bytesOf(columns),
    choiceCheck: new Uint8Array(16),
    columnChecks: new Uint8Array(2_048),
  };
  return { delta, made: rvoleAlice({ setup, keys, delta, items: count, sessions, message })! };
}

// a~_j - a~_j' of equal pads would be the difference of two nonces.
Deno.test("rvoleAlice() has other pads for each row of the whole batch, even where all rows are alike", () => {
  const { made } = rowsAlike(3);
  const random = seeded("alike");
  const seen = [0, 1, 2].flatMap((item) => {
    const { corrections } = made.multiply(item, [7n, 7n], random).message;
    return Array.from({ length: 2_048 }, (_, i) => corrections.subarray(32 * i, 32 * i + 32).toHex());
  });
  assert.equal(new Set(seen).size, 3 * 2_048);
});

// Computed from docs/hash_inputs.md, with the rows of rowsAlike(): all zero, and Δ in the second pads.
Deno.test("rvoleAlice() hashes session and item into θ and μ, and the row's number in the batch into its pads", () => {
  const { delta, made } = rowsAlike(2);
  const [a1, a2] = [group.randomScalar(seeded("a1")), group.randomScalar(seeded("a2"))];
  const prefix = wordsOf(hash("quorate/1/dkls/rvole/pads", sessions.alice));
  for (const item of [0, 1]) {
    const random = seeded(`hidden ${item}`), same = seeded(`hidden ${item}`);
    const { message } = made.multiply(item, [a1, a2], random);
    const inputs = [a1, a2, group.randomScalar(same), group.randomScalar(same)];
    const pads = (j: number, row: Uint32Array) => {
      const out = new Uint32Array(32);
      const [r0, r1, r2, r3] = row as unknown as [number, number, number, number];
      shortOracle(prefix, 0, 512 * item + j, r0, r1, r2, r3, out, 0, 32);
      return [0, 1, 2, 3].map((l) => scalarAt(new DataView(out.buffer), l));
    };
    const alphas = Array.from({ length: 512 }, (_, j) => [pads(j, new Uint32Array(4)), pads(j, delta)]);
    const corrections = alphas.map(([zero, one]) =>
      zero!.map((alpha, l) => group.encodeScalar(group.reduce(alpha - one![l]! + inputs[l]!)))
    );
    assert.deepEqual(Uint8Array.from(corrections.flat().flatMap((bytes) => [...bytes])), message.corrections);
    const theta = expand(128, "quorate/2/dkls/rvole/challenge", sessions.alice, item, message.corrections);
    const at = (i: number, k: number) => scalarAt(new DataView(theta.buffer), 2 * i + k);
    const eta = [0, 1].map((k) => group.reduce(inputs[2 + k]! + at(0, k) * a1 + at(1, k) * a2));
    assert.deepEqual(
      eta.map(group.encodeScalar),
      [0, 1].map((k) => message.responses.slice(32 * k, 32 * k + 32)),
    );
    const sums = alphas.flatMap(([alpha]) =>
      [0, 1].flatMap((k) => {
        const sum = alpha![2 + k]! + at(0, k) * alpha![0]! + at(1, k) * alpha![1]!;
        return [...group.encodeScalar(group.reduce(sum))];
      })
    );
    assert.deepEqual(
      hash("quorate/2/dkls/rvole/digest", sessions.alice, item, Uint8Array.from(sums)),
      message.digest,
    );
  }
});

Deno.test("rvoleBob() has another gadget vector for each set-up, so another b of the same choices", () => {
  const elsewhere = rvoleBob({
    setup: setup.with(0, 9),
    keys: bob.offered,
    items,
    session: sessions.bob,
    random: seeded("bob"),
  });
  assert.deepEqual(elsewhere.message, first.message);
  for (const item of [0, 1]) assert.notEqual(elsewhere.multiplicands[item], first.multiplicands[item]);
});

Deno.test("rvoleBob() draws other b's for each call, and wipes its choices when it leaves scope", () => {
  const random = seeded("fresh");
  const [one, two] = [begin(random), begin(random)];
  assert.equal(new Set([...one.multiplicands, ...two.multiplicands]).size, 4);
  const gone = begin();
  gone[Symbol.dispose]();
  assert.deepEqual(gone.multiplicands, []);
  for (const [item, message] of honestCorrections.entries()) gone.unmask(item, sessions.alice, message);
  assert.ok(!gone.passes());
});
