import { secp256k1_hasher } from "@noble/curves/secp256k1.js";
import assert from "node:assert/strict";
import { hash } from "../../../src/crypto/codec.ts";
import {
  chooseBaseOts,
  chooseBytes,
  offerBaseOts,
  readsAsAnswer,
  receiveChoices,
} from "../../../src/crypto/dkls/base_ot.ts";
import { maskAt, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { portableDiffieHellman } from "../../../src/crypto/dkls/diffie_hellman.ts";
import { finish } from "../../../src/crypto/dkls/steps.ts";
import { type Element, groups } from "../../../src/crypto/group.ts";
import { diffieHellman } from "../../protocol/ecdsa_keys.ts";
import { seeded } from "../../protocol/keys.ts";
import { badElements } from "../points.ts";

const group = groups.secp256k1;
const setup = new Uint8Array(32).fill(1);
const choices = wordsOf(seeded("choices")(16));
const sender = offerBaseOts(seeded("sender"));
const choose = (over: { setup?: Uint8Array; diffieHellman?: typeof diffieHellman } = {}) =>
  finish(
    chooseBaseOts({
      setup,
      choices,
      offer: sender.offer,
      random: seeded("receiver"),
      diffieHellman,
      ...over,
    }),
  );
const receive = (answer: Uint8Array, over: { diffieHellman?: typeof diffieHellman } = {}) =>
  finish(receiveChoices({ setup, sender, answer, diffieHellman, ...over }));
const honest = choose();
const keys = receive(honest.answer)!;
const key = (i: number, branch: number) => keys.slice(64 * i + 32 * branch, 64 * i + 32 * branch + 32);
const distinct = (all: Uint8Array) =>
  new Set(Array.from({ length: all.length / 32 }, (_, i) => all.slice(32 * i, 32 * i + 32).toHex())).size;

/** The map of the protocol, written out once more: suite, tag, and what is bound. */
function imageOf(index: number, branch: number, other: Uint8Array): Element {
  const input = hash("quorate/1/dkls/base-ot/point", setup, index, branch, other);
  return secp256k1_hasher.hashToCurve(input, {
    DST: "quorate/1/dkls/base-ot/secp256k1_XMD:SHA-256_SSWU_RO_",
  }) as unknown as Element;
}

Deno.test("chooseBaseOts() gets the key that it chose, and never the other", () => {
  for (let i = 0; i < 128; i++) {
    const branch = maskAt(choices, i) & 1;
    const mine = honest.keys.slice(32 * i, 32 * i + 32);
    assert.deepEqual(key(i, branch), mine);
    assert.notDeepEqual(key(i, 1 - branch), mine);
  }
  assert.equal(distinct(keys), 256);
});

Deno.test("chooseBaseOts() and receiveChoices() do the same by noble as by node:crypto", () => {
  assert.deepEqual(choose({ diffieHellman: portableDiffieHellman }), honest);
});

Deno.test("receiveChoices() gives other keys in another session", () => {
  const elsewhere = choose({ setup: setup.with(31, 9) });
  assert.notDeepEqual(elsewhere.answer, honest.answer);
  const strange = receive(elsewhere.answer)!;
  for (let i = 0; i < 128; i++) {
    const mine = elsewhere.keys.slice(32 * i, 32 * i + 32).toHex();
    assert.notEqual(strange.slice(64 * i, 64 * i + 32).toHex(), mine);
    assert.notEqual(strange.slice(64 * i + 32, 64 * i + 64).toHex(), mine);
  }
});

// TOB-BRON-3 and -5: without the number in the hashes, one pair sent 128 times gives 128 times the same two keys.
Deno.test("receiveChoices() gives 256 different keys to a receiver that sends one pair of points 128 times", () => {
  const pair = honest.answer.slice(0, 66);
  const repeated = new Uint8Array(chooseBytes);
  for (let i = 0; i < 128; i++) repeated.set(pair, 66 * i);
  assert.equal(distinct(receive(repeated)!), 256);
});

Deno.test("receiveChoices() gives different keys to a receiver that uses one k twice", () => {
  const m = group.multiplyBase(99n), other = honest.answer.slice(33, 66);
  const answer = honest.answer.slice();
  for (const i of [0, 1]) {
    answer.set(group.encodeElement(m.add(imageOf(i, 0, other).negate())), 66 * i);
    answer.set(other, 66 * i + 33);
  }
  const same = receive(answer)!;
  assert.notDeepEqual(same.slice(0, 32), same.slice(64, 96));
});

// A k or a φ that came twice would show the sender which of the two places it is in: that is Δ.
Deno.test("chooseBaseOts() draws k and the other point anew for each base OT", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 128; i++) {
    for (const branch of [0, 1]) {
      const [mine, others] = [branch, 1 - branch].map((j) =>
        honest.answer.slice(66 * i + 33 * j).slice(0, 33)
      );
      seen.add(`φ ${mine!.toHex()}`);
      seen.add(
        `M ${group.encodeElement(group.decodeElement(mine!).add(imageOf(i, branch, others!))).toHex()}`,
      );
    }
  }
  assert.equal(seen.size, 512);
});

Deno.test("receiveChoices() hashes the direction, the number, the branch and x into each key", () => {
  const agree = diffieHellman(sender.secret);
  for (const i of [0, 1, 127]) {
    for (const branch of [0, 1]) {
      const [mine, others] = [branch, 1 - branch].map((j) =>
        honest.answer.slice(66 * i + 33 * j).slice(0, 33)
      );
      const m = group.encodeElement(group.decodeElement(mine!).add(imageOf(i, branch, others!)));
      assert.deepEqual(key(i, branch), hash("quorate/1/dkls/base-ot/key", setup, i, branch, agree(m)));
    }
  }
});

Deno.test("receiveChoices() gives other keys for every point that is changed", () => {
  const g = group.multiplyBase(1n);
  for (const at of [0, 1]) {
    const answer = honest.answer.slice();
    const point = group.decodeElement(answer.slice(33 * at, 33 * at + 33));
    answer.set(group.encodeElement(point.add(g)), 33 * at);
    const changed = receive(answer)!;
    for (const branch of [0, 1]) {
      assert.notDeepEqual(changed.slice(32 * branch, 32 * branch + 32), key(0, branch));
    }
    assert.deepEqual(changed.slice(64), keys.slice(64));
  }
});

Deno.test("receiveChoices() refuses an answer that makes M the identity", () => {
  const image = imageOf(0, 0, honest.answer.slice(33, 66));
  const answer = honest.answer.slice();
  answer.set(group.encodeElement(image.negate()));
  assert.ok(readsAsAnswer(answer));
  assert.equal(receive(answer), null);
});

Deno.test("readsAsAnswer() takes 256 points and nothing else", () => {
  assert.ok(readsAsAnswer(honest.answer));
  assert.ok(!readsAsAnswer(honest.answer.subarray(33)));
  assert.ok(!readsAsAnswer(Uint8Array.of(...honest.answer, ...honest.answer.subarray(0, 33))));
  assert.ok(!readsAsAnswer(new Uint8Array()));
  for (const { bytes, what } of badElements.secp256k1) {
    if (bytes.length !== 33) continue;
    for (const at of [0, 77, 255]) {
      const answer = honest.answer.slice();
      answer.set(bytes, 33 * at);
      assert.ok(!readsAsAnswer(answer), `${what} at ${at}`);
    }
  }
});

Deno.test("offerBaseOts() draws a secret for each batch, and wipes it", () => {
  const random = seeded("fresh");
  const [one, two] = [offerBaseOts(random), offerBaseOts(random)];
  assert.notDeepEqual(one.offer, two.offer);
  assert.deepEqual(group.encodeElement(group.multiplyBase(group.decodeScalar(one.secret))), one.offer);
  one[Symbol.dispose]();
  assert.deepEqual(one.secret, new Uint8Array(32));
});

Deno.test("chooseBaseOts() stops to let others run, and says how far it is", () => {
  const steps = [
    ...chooseBaseOts({ setup, choices, offer: sender.offer, random: seeded("steps"), diffieHellman }),
  ];
  assert.deepEqual(steps, Array.from({ length: 16 }, (_, i) => (i + 1) / 16));
});
