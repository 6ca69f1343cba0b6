import assert from "node:assert/strict";
import { type Correction, type Pair, rvoleAlice, rvoleBob } from "../../../src/crypto/dkls/rvole.ts";
import { order, scalarAt } from "../../../src/crypto/dkls/scalars.ts";
import { groups } from "../../../src/crypto/group.ts";
import type { Random } from "../../../src/ports.ts";
import { dealDirection } from "../../protocol/ecdsa_keys.ts";
import { seeded } from "../../protocol/keys.ts";

const group = groups.secp256k1;
const setup = new Uint8Array(32).fill(1);
const sessions = { bob: new Uint8Array(32).fill(2), alice: new Uint8Array(32).fill(3) };
const { alice, bob } = dealDirection(seeded("base OTs"));
const begin = (random: Random = seeded("bob")) =>
  rvoleBob({ setup, keys: bob.offered, session: sessions.bob, random });
const first = begin();
const answer = (
  factors: Pair,
  over: { sessions?: typeof sessions; delta?: Uint32Array; random?: Random } = {},
) =>
  rvoleAlice({
    setup,
    keys: alice.chosen,
    delta: alice.delta,
    sessions,
    message: first.message,
    factors,
    random: seeded("alice"),
    ...over,
  });
const factors: Pair = [group.randomScalar(seeded("a1")), group.randomScalar(seeded("a2"))];
const honest = answer(factors)!;
const flip = (bytes: Uint8Array, at: number, mask = 1) => bytes.with(at, bytes[at]! ^ mask);
const refused = (change: Partial<Correction>) =>
  assert.equal(first.finish(sessions.alice, { ...honest.message, ...change }), null);

Deno.test("rvoleAlice() and rvoleBob() share a_1 · b and a_2 · b", () => {
  const random = seeded("factors");
  const edge: Pair[] = [[0n, 0n], [0n, 1n], [order - 1n, order - 1n], [1n, 2n ** 255n]];
  for (
    const pair of [
      ...edge,
      ...Array.from({ length: 6 }, (): Pair => [group.randomScalar(random), group.randomScalar(random)]),
    ]
  ) {
    using bob = begin(random);
    const made = rvoleAlice({
      setup,
      keys: alice.chosen,
      delta: alice.delta,
      sessions,
      message: bob.message,
      factors: pair,
      random,
    })!;
    const shares = bob.finish(sessions.alice, made.message)!;
    for (const i of [0, 1] as const) {
      assert.equal(group.reduce(made.shares[i] + shares[i]), group.reduce(pair[i] * bob.multiplicand));
      assert.ok(shares[i] >= 0n && shares[i] < order);
    }
  }
});

Deno.test("Bob refuses a tampered a~, in each of the four scalars of a row", () => {
  // θ hashes all of a~, so that one changed bit spoils η and μ whatever β is.
  for (let i = 0; i < 65_536; i += 3_333) refused({ corrections: flip(honest.message.corrections, i) });
  for (const l of [0, 1, 2, 3]) refused({ corrections: flip(honest.message.corrections, 32 * l + 31) });
});

Deno.test("Bob refuses a tampered η or μ", () => {
  for (let at = 0; at < 64; at += 7) refused({ responses: flip(honest.message.responses, at) });
  for (let at = 0; at < 32; at += 5) refused({ digest: flip(honest.message.digest, at, 0x80) });
});

Deno.test("Bob refuses swapped rows of a~ and swapped responses", () => {
  const { corrections, responses } = honest.message;
  const swapped = corrections.slice();
  swapped.set(corrections.subarray(128, 256));
  swapped.set(corrections.subarray(0, 128), 128);
  refused({ corrections: swapped });
  refused({ responses: Uint8Array.of(...responses.subarray(32), ...responses.subarray(0, 32)) });
});

Deno.test("Bob refuses what was multiplied with another Δ, in another session, or for another Bob", () => {
  const delta = alice.delta.with(0, alice.delta[0]! ^ 1);
  // Her own check of his extension notices it, so that the message is never made.
  assert.equal(answer(factors, { delta }), null);
  assert.equal(answer(factors, { sessions: { ...sessions, bob: sessions.alice } }), null);
  const elsewhere = answer(factors, { sessions: { ...sessions, alice: sessions.bob } })!;
  assert.equal(first.finish(sessions.alice, elsewhere.message), null);
  using another = begin(seeded("another bob"));
  assert.equal(another.finish(sessions.alice, honest.message), null);
});

Deno.test("rvoleAlice() does not repeat its pads when only her own nonce is new", () => {
  const again = answer(factors, { sessions: { ...sessions, alice: sessions.alice.with(0, 9) } })!;
  const same = again.message.corrections.filter((byte, i) => byte === honest.message.corrections[i]).length;
  assert.ok(same < 65_536 / 128, `${same} bytes are the same`);
});

// η_k = a^_k + Σ θ_i,k a_i, with θ public: two a^ that are known, or alike, are an equation about a nonce and a key.
Deno.test("rvoleAlice() hides her factors behind two check inputs that she draws for each call", () => {
  const again = answer(factors, { random: seeded("alice, once more") })!;
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset);
  const column = (l: number, { message }: typeof honest) => scalarAt(view(message.corrections), l);
  const moved = [0, 1, 2, 3].map((l) => group.reduce(column(l, again) - column(l, honest)));
  assert.deepEqual(moved.slice(0, 2), [0n, 0n], "the pads and the factors are the same");
  assert.ok(moved[2] !== 0n && moved[3] !== 0n && moved[2] !== moved[3]);
  assert.notDeepEqual(again.message.responses.slice(0, 32), honest.message.responses.slice(0, 32));
  assert.notDeepEqual(again.message.responses.slice(32), honest.message.responses.slice(32));
});

Deno.test("rvoleBob() has another gadget vector for each set-up, so another b of the same choices", () => {
  const elsewhere = rvoleBob({
    setup: setup.with(0, 9),
    keys: bob.offered,
    session: sessions.bob,
    random: seeded("bob"),
  });
  assert.deepEqual(elsewhere.message, first.message);
  assert.notEqual(elsewhere.multiplicand, first.multiplicand);
});

Deno.test("rvoleBob() draws another b for each call, and wipes its choices when it leaves scope", () => {
  const random = seeded("fresh");
  const [one, two] = [begin(random), begin(random)];
  assert.notEqual(one.multiplicand, two.multiplicand);
  one[Symbol.dispose]();
  assert.equal(one.finish(sessions.alice, answer(factors)!.message), null);
});
