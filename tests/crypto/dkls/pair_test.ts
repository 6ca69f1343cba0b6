import assert from "node:assert/strict";
import { decodePair, encodePair } from "../../../src/crypto/dkls/pair.ts";
import { dealEcdsaKey } from "../../protocol/ecdsa_keys.ts";

const made = dealEcdsaKey();
const state = made.pairs.get("alice")!.get("bob")!;
const of = { wallet: "treasury", epoch: 3, publicKey: made.key.publicKey, self: "alice", other: "bob" };
const encoded = encodePair(of, state);
const plain = ({ setup, delta, chosen, offered, zeroSeed }: typeof state) => ({
  setup,
  delta,
  chosen,
  offered,
  zeroSeed,
});

Deno.test("decodePair() reads what encodePair() writes, about 12.5 kB", () => {
  assert.deepEqual(plain(decodePair(of, encoded.slice())), plain(state));
  assert.ok(encoded.length > 12_400 && encoded.length < 12_700, `${encoded.length} bytes`);
});

Deno.test("decodePair() refuses a state that is bound to another pair, wallet, key or epoch", () => {
  for (
    const other of [
      { ...of, wallet: "other" },
      { ...of, epoch: 2 },
      { ...of, publicKey: of.publicKey.with(5, of.publicKey[5]! ^ 1) },
      { ...of, self: "carol" },
      { ...of, other: "carol" },
      { ...of, self: "bob", other: "alice" },
    ]
  ) assert.throws(() => decodePair(other, encoded.slice()), TypeError);
});

Deno.test("decodePair() refuses bytes of another version, length or shape", () => {
  assert.throws(() => decodePair(of, encoded.subarray(1)), TypeError);
  assert.throws(() => decodePair(of, encoded.subarray(0, -1)), TypeError);
  assert.throws(() => decodePair(of, Uint8Array.of(...encoded, 0)), TypeError);
  const version = new TextDecoder("latin1").decode(encoded).indexOf("quorate/1/") + 8;
  assert.throws(() => decodePair(of, encoded.with(version, 0x32)), TypeError);
});

Deno.test("a pair's state is zeros after it has left scope, and its record is its own", () => {
  const read = decodePair(of, encoded.slice());
  read[Symbol.dispose]();
  for (const part of [read.delta, read.chosen, read.offered, read.zeroSeed]) {
    assert.ok(part.every((x) => x === 0));
  }
  assert.ok(encoded.some((byte) => byte !== 0) && state.delta.some((word) => word !== 0));
});
