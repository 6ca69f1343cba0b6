import assert from "node:assert/strict";
import { bytesOf, maskAt, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { hash } from "../../../src/crypto/codec.ts";
import { foldBlocks, multiplesOf } from "../../../src/crypto/dkls/gf128.ts";
import { expand } from "../../../src/crypto/dkls/oracle.ts";
import { shortOracle } from "../../../src/crypto/dkls/short_oracle.ts";
import { extendAsReceiver, extendAsSender, type Extension } from "../../../src/crypto/dkls/ot_extension.ts";
import { dealDirection } from "../../protocol/ecdsa_keys.ts";
import { seeded } from "../../protocol/keys.ts";

const session = new Uint8Array(32).fill(5);
const { alice, bob } = dealDirection(seeded("base OTs"));
const items = 2;
const received = extendAsReceiver({ keys: bob.offered, items, session, random: seeded("receiver") });
const send = (message: Extension, over: { session?: Uint8Array } = {}) =>
  extendAsSender({ keys: alice.chosen, delta: alice.delta, items, session, message, ...over });
const flipped = (bytes: Uint8Array, bit: number) =>
  bytes.with(bit >>> 3, bytes[bit >>> 3]! ^ (1 << (bit & 7)));

Deno.test("extendAsSender() and extendAsReceiver() end with q_j = t_j ⊕ x_j · Δ, 512 for each item", () => {
  for (const items of [1, 2, 5]) {
    const received = extendAsReceiver({ keys: bob.offered, items, session, random: seeded("receiver") });
    const { message } = received;
    const rows = extendAsSender({ keys: alice.chosen, delta: alice.delta, items, session, message })!;
    assert.equal(rows.length, items * 512 * 4);
    assert.equal(message.columns.length, 128 * (items * 64 + 16));
    for (let j = 0; j < items * 512; j++) {
      const mask = maskAt(received.choices, j);
      for (let w = 0; w < 4; w++) {
        assert.equal(rows[4 * j + w]!, (received.rows[4 * j + w]! ^ (alice.delta[w]! & mask)) >>> 0);
      }
    }
  }
});

Deno.test("extendAsReceiver() repeats neither choices nor rows from one item to the next", () => {
  const { choices, rows } = extendAsReceiver({
    keys: bob.offered,
    items: 8,
    session,
    random: seeded("8 items"),
  });
  const inFours = (words: Uint32Array) =>
    Array.from({ length: words.length / 4 }, (_, i) => words.slice(4 * i, 4 * i + 4).join());
  for (const all of [inFours(choices), inFours(rows)]) assert.equal(new Set(all).size, all.length);
});

Deno.test("extendAsSender() refuses a flipped bit of any u_i", () => {
  // The challenge hashes all columns: with one bit changed, no check fits any more, whatever Δ_i is.
  for (let i = 0; i < 128; i += 5) {
    for (const bit of [0, 300, 511, 512, 900, 1_023, 1_024, 1_151]) {
      const columns = flipped(received.message.columns, i * 1_152 + bit);
      assert.equal(send({ ...received.message, columns }), null, `u_${i}, bit ${bit}`);
    }
  }
});

// The selective abort of Trail of Bits (2023-09-20; SILA-12): a cheat that fails only if Δ_i is 1 reads Δ bit by bit,
// if its victim goes on after a failure. That is why the first failure has to be the last.
Deno.test("extendAsSender() refuses a consistent lie about u_i exactly where Δ_i is 1", () => {
  for (const i of [0, 1, 2, 3, 64, 127]) {
    const { alice, bob } = dealDirection(seeded(`guess ${i}`));
    const keys = bob.offered.slice();
    const honest = extendAsReceiver({ keys, items, session, random: seeded("guessing") });
    // With key_1 of column i replaced, u_i encodes another choice vector; the sender sees it only if it uses key_1.
    keys.set(new Uint8Array(32).fill(1), 64 * i + 32);
    const cheating = extendAsReceiver({ keys, items, session, random: seeded("guessing") });
    const passes = (message: Extension) =>
      extendAsSender({ keys: alice.chosen, delta: alice.delta, items, session, message }) !== null;
    assert.ok(passes(honest.message));
    assert.equal(passes(cheating.message), maskAt(alice.delta, i) === 0);
  }
});

// A receiver that uses x ⊕ (e ‖ e) in one column, and answers the challenge as if it were x everywhere.
Deno.test("extendAsSender() has χ's of their own for each item: a lie told in two of them does not cancel", () => {
  const id = wordsOf(hash("quorate/1/dkls/ot-extension/columns", session).subarray(0, 16));
  const [s0, s1, s2, s3] = id as unknown as [number, number, number, number];
  const words = 36, keys = wordsOf(bob.offered);
  const first = new Uint32Array(128 * words);
  for (let i = 0; i < 128; i++) shortOracle(keys, 16 * i, 2 * i, s0, s1, s2, s3, first, i * words, words);
  for (const i of [0, 5, 63, 64, 100, 127]) {
    const lying = wordsOf(received.message.columns);
    for (const item of [0, 1]) lying[i * words + 16 * item + 3]! ^= 0x5a;
    const columns = bytesOf(lying);
    const tables = multiplesOf(
      wordsOf(expand(128, "quorate/1/dkls/ot-extension/challenge", session, columns)),
    );
    const folded = (rows: Uint32Array, at: number) => {
      const out = rows.slice(at + 32, at + 36);
      foldBlocks(rows, at, tables, out, 0);
      return out;
    };
    const checks = new Uint32Array(128 * 4);
    for (let k = 0; k < 128; k++) checks.set(folded(first, k * words), 4 * k);
    const message = {
      columns,
      choiceCheck: bytesOf(folded(received.choices, 0)),
      columnChecks: bytesOf(checks),
    };
    assert.equal(send(message) !== null, maskAt(alice.delta, i) === 0, `u_${i}`);
  }
});

Deno.test("extendAsSender() refuses a tampered x~ and any tampered t~_i", () => {
  for (let bit = 0; bit < 128; bit += 9) {
    assert.equal(
      send({ ...received.message, choiceCheck: flipped(received.message.choiceCheck, bit) }),
      null,
    );
  }
  for (let bit = 0; bit < 128 * 128; bit += 997) {
    assert.equal(
      send({ ...received.message, columnChecks: flipped(received.message.columnChecks, bit) }),
      null,
    );
  }
});

Deno.test("extendAsSender() refuses a message of another session", () => {
  assert.equal(send(received.message, { session: session.with(0, 0) }), null);
});

Deno.test("extendAsReceiver() never sends a pad twice: a new session, other columns", () => {
  const again = extendAsReceiver({
    keys: bob.offered,
    items,
    session: session.with(0, 0),
    random: seeded("receiver"),
  });
  assert.deepEqual(again.choices, received.choices);
  const difference = again.message.columns.map((byte, i) => byte ^ received.message.columns[i]!);
  assert.ok(difference.filter((byte) => byte === 0).length < 150, "what is left of x ⊕ x is random");
});

// x~ is 128 bits about the choices: the block that hides them has to be random, and of one use.
Deno.test("extendAsReceiver() draws its choices and the block behind them, 64 bytes an item and 16, for each call", () => {
  const random = seeded("two calls");
  const drawn: Uint8Array[] = [];
  const noted = (length: number) => {
    const bytes = random(length);
    drawn.push(bytes.slice());
    return bytes;
  };
  const both = [1, 2].map(() => extendAsReceiver({ keys: bob.offered, items, session, random: noted }));
  assert.deepEqual(drawn.map(({ length }) => length), [144, 144]);
  for (const [i, { choices }] of both.entries()) assert.deepEqual(bytesOf(choices), drawn[i]);
});

Deno.test("extendAsReceiver() wipes choices and rows when it leaves scope", () => {
  const gone = extendAsReceiver({ keys: bob.offered, items, session, random: seeded("gone") });
  gone[Symbol.dispose]();
  assert.ok(gone.choices.every((word) => word === 0) && gone.rows.every((word) => word === 0));
});
