import assert from "node:assert/strict";
import { schemes } from "../../src/schemes/schemes.ts";
import { readerOf, type Rounds } from "../../src/protocol/rounds.ts";

const shape = (rounds: Rounds) =>
  Object.entries(rounds).map(([name, { delivery }]) => `${name}: ${delivery}`);

Deno.test("a scheme lists the rounds in the order in which they run", () => {
  const dealing = ["reveal: reliable", "deal: direct", "confirm: broadcast"];
  assert.deepEqual(shape(schemes.ed25519.generating.rounds), dealing);
  assert.deepEqual(shape(schemes.ecdsa.generating.rounds), [...dealing, "offer: direct", "choose: direct"]);
  assert.deepEqual(shape(schemes.ed25519.signing(1).rounds), ["share: broadcast"]);
  assert.deepEqual(shape(schemes.bip340.signing(2).rounds), ["commit: broadcast", "share: broadcast"]);
  assert.deepEqual(shape(schemes.ecdsa.signing(1).rounds), [
    "extend: direct",
    "correct: direct",
    "finish: broadcast",
  ]);
});

Deno.test("readerOf() knows a round's messages, and no other name", () => {
  const { rounds } = schemes.ecdsa.signing(1);
  for (const name of ["extend", "correct", "finish"]) {
    assert.throws(() => readerOf(rounds, name)!(new Uint8Array(3)), TypeError, name);
  }
  for (const name of ["", "extend/all", "commit", "/abort", "constructor", "__proto__"]) {
    assert.equal(readerOf(rounds, name), null, name);
  }
});
