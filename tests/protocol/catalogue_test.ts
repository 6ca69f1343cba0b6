import assert from "node:assert/strict";
import { InputError } from "../../src/failure.ts";
import { roundsOf } from "../../src/protocol/catalogue.ts";
import type { Rounds } from "../../src/protocol/rounds.ts";

const shape = (rounds: Rounds) =>
  Object.entries(rounds).map(([name, { delivery }]) => `${name}: ${delivery}`);

Deno.test("roundsOf() lists the rounds in the order in which they run", () => {
  for (const curve of ["ed25519", "secp256k1"] as const) {
    assert.deepEqual(shape(roundsOf("generate", curve)), [
      "commit: reliable",
      "reveal: reliable",
      "deal: direct",
      "confirm: broadcast",
    ]);
  }
  assert.deepEqual(shape(roundsOf("sign", "ed25519")), ["commit: reliable", "share: broadcast"]);
});

Deno.test("roundsOf() refuses a curve that no protocol signs with", () => {
  assert.throws(() => roundsOf("sign", "secp256k1"), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.field, "curve");
    return true;
  });
});
