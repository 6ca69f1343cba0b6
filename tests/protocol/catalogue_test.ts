import assert from "node:assert/strict";
import { roundsOf } from "../../src/protocol/catalogue.ts";
import { readerOf, type Rounds } from "../../src/protocol/rounds.ts";

const shape = (rounds: Rounds) =>
  Object.entries(rounds).map(([name, { delivery }]) => `${name}: ${delivery}`);

Deno.test("roundsOf() lists the rounds in the order in which they run", () => {
  const dealing = ["commit: reliable", "reveal: reliable", "deal: direct", "confirm: broadcast"];
  assert.deepEqual(shape(roundsOf("generate", "ed25519")), dealing);
  assert.deepEqual(shape(roundsOf("generate", "secp256k1")), [...dealing, "offer: direct", "choose: direct"]);
  assert.deepEqual(shape(roundsOf("sign", "ed25519")), ["commit: reliable", "share: broadcast"]);
  assert.deepEqual(shape(roundsOf("sign", "secp256k1")), [
    "extend: direct",
    "correct: direct",
    "finish: broadcast",
  ]);
});

Deno.test("readerOf() knows a round's messages and its common part, and no other name", () => {
  const rounds = roundsOf("sign", "secp256k1");
  for (const name of ["extend", "extend/all", "correct", "finish"]) {
    assert.throws(() => readerOf(rounds, name)!(new Uint8Array(3)), TypeError, name);
  }
  for (const name of ["", "correct/all", "extend/all/all", "commit", "/abort", "constructor", "__proto__"]) {
    assert.equal(readerOf(rounds, name), null, name);
  }
});
