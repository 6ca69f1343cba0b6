import assert from "node:assert/strict";
import { bytesOf, maskAt } from "../../../src/crypto/dkls/bit_matrix.ts";
import { extendAsReceiver, extendAsSender, type Extension } from "../../../src/crypto/dkls/ot_extension.ts";
import { dealDirection } from "../../protocol/ecdsa_keys.ts";
import { seeded } from "../../protocol/keys.ts";

const session = new Uint8Array(32).fill(5);
const { alice, bob } = dealDirection(seeded("base OTs"));
const received = extendAsReceiver({ keys: bob.offered, session, random: seeded("receiver") });
const send = (message: Extension, over: { session?: Uint8Array } = {}) =>
  extendAsSender({ keys: alice.chosen, delta: alice.delta, session, message, ...over });
const flipped = (bytes: Uint8Array, bit: number) =>
  bytes.with(bit >>> 3, bytes[bit >>> 3]! ^ (1 << (bit & 7)));

Deno.test("extendAsSender() and extendAsReceiver() end with q_j = t_j ⊕ x_j · Δ", () => {
  const rows = send(received.message)!;
  assert.equal(rows.length, 512 * 4);
  for (let j = 0; j < 512; j++) {
    const mask = maskAt(received.choices, j);
    for (let w = 0; w < 4; w++) {
      assert.equal(rows[4 * j + w]!, (received.rows[4 * j + w]! ^ (alice.delta[w]! & mask)) >>> 0);
    }
  }
});

Deno.test("extendAsSender() refuses a flipped bit of any u_i", () => {
  // The challenge hashes all columns: with one bit changed, no check fits any more, whatever Δ_i is.
  for (let i = 0; i < 128; i += 5) {
    for (const bit of [0, 300, 511, 512, 639]) {
      const columns = flipped(received.message.columns, i * 640 + bit);
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
    const honest = extendAsReceiver({ keys, session, random: seeded("guessing") });
    // With key_1 of column i replaced, u_i encodes another choice vector; the sender sees it only if it uses key_1.
    keys.set(new Uint8Array(32).fill(1), 64 * i + 32);
    const cheating = extendAsReceiver({ keys, session, random: seeded("guessing") });
    const passes = (message: Extension) =>
      extendAsSender({ keys: alice.chosen, delta: alice.delta, session, message }) !== null;
    assert.ok(passes(honest.message));
    assert.equal(passes(cheating.message), maskAt(alice.delta, i) === 0);
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
    session: session.with(0, 0),
    random: seeded("receiver"),
  });
  assert.deepEqual(again.choices, received.choices);
  const difference = again.message.columns.map((byte, i) => byte ^ received.message.columns[i]!);
  assert.ok(difference.filter((byte) => byte === 0).length < 150, "what is left of x ⊕ x is random");
});

// x~ is 128 bits about the choices: the block that hides them has to be random, and of one use.
Deno.test("extendAsReceiver() draws its choices and the block behind them, 80 bytes, for each call", () => {
  const random = seeded("two calls");
  const drawn: Uint8Array[] = [];
  const noted = (length: number) => {
    const bytes = random(length);
    drawn.push(bytes.slice());
    return bytes;
  };
  const both = [1, 2].map(() => extendAsReceiver({ keys: bob.offered, session, random: noted }));
  assert.deepEqual(drawn.map(({ length }) => length), [80, 80]);
  for (const [i, { choices }] of both.entries()) assert.deepEqual(bytesOf(choices), drawn[i]);
});

Deno.test("extendAsReceiver() wipes choices and rows when it leaves scope", () => {
  const gone = extendAsReceiver({ keys: bob.offered, session, random: seeded("gone") });
  gone[Symbol.dispose]();
  assert.ok(gone.choices.every((word) => word === 0) && gone.rows.every((word) => word === 0));
});
