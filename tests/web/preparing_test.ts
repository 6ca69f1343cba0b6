import assert from "node:assert/strict";
import { newestFirst } from "../../web/state/primary.ts";
import { preparing } from "../../web/state/preparing.ts";
import { summarize } from "../../web/state/summary.ts";
import { alice, bob, carol, page, told } from "./events.ts";
import { setupRounds, stories } from "./stories.ts";

function shown(state: ReturnType<typeof page>) {
  return preparing(summarize(newestFirst(state)[0]!, state)).map(({ percent }) => percent);
}
const t = told({ id: "ec05", kind: "generate", curve: "secp256k1" });
const party = [alice, bob, carol];
const opened = page(party.map((peer) => t.opened(peer, party, setupRounds)));

Deno.test("preparing() shows every member once one has told, and never goes back", () => {
  assert.deepEqual(shown(opened), []);
  assert.deepEqual(shown(page(stories.preparing)), [40, 25, 0]);
  const further = page([t.work(alice, 0.5), t.work(alice, 0.45), t.work(bob, 7)], opened);
  assert.deepEqual(shown(further), [50, 100, 0]);
});

Deno.test("preparing() counts whoever has gone on as done, and ends with the last of them", () => {
  const some = page([t.work(alice, 0.9), t.committing(bob)], opened);
  assert.deepEqual(shown(some), [90, 100, 0]);
  const over = page(party.map((peer) => t.committing(peer)), some);
  assert.deepEqual(shown(over), []);
});
