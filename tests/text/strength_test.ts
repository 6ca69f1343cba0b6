import assert from "node:assert/strict";
import { weakness } from "../../src/text/strength.ts";

Deno.test("weakness() refuses what is guessed first, with a reason and what to do instead", () => {
  const weak: [string, RegExp][] = [
    ["short", /at least 8 characters/],
    ["12345678", /passwords that many people use/],
    ["password1", /passwords that many people use/],
    ["iloveyou1234", /passwords that many people use/],
    ["aaaaaaaaaaaa", /it repeats itself/],
    ["hunter2hunter2", /it repeats itself/],
    ["abcdefghijklmnop", /it is a sequence/],
    ["poiuytrewqasdfg", /keys of a keyboard|many people use/],
    ["2026-11-29", /it is a date/],
    ["treasury quorate", /that many people use/],
    ["x7#kQ!", /at least 8 characters/],
  ];
  for (const [typed, reason] of weak) {
    const said = weakness(typed);
    assert.match(said ?? "", reason, typed);
    assert.match(said!, /Take four or more words/, typed);
    assert.ok(!said!.includes(typed), "it is never repeated");
  }
});

Deno.test("weakness() takes words that have nothing to do with each other, and what a password manager makes", () => {
  for (
    const typed of [
      "correct horse battery staple",
      "quorum hello peasant robust",
      "x7#kQ!v2Lp0_zW9d",
      "длинная фраза без смысла",
    ]
  ) {
    assert.equal(weakness(typed), null, typed);
  }
});

Deno.test("weakness() knows that a person's own name is no secret, and measures what is hashed", () => {
  assert.notEqual(weakness("Grace Hopper-Murray", ["Grace Hopper-Murray"]), null);
  assert.notEqual(
    weakness("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18"),
    null,
    "12345678 in wide digits",
  );
  assert.equal(weakness("correct\u00a0horse\u3000battery staple"), null);
  assert.notEqual(weakness("a".repeat(100_000)), null);
});
