import assert from "node:assert/strict";
import { before, withTreasury } from "./reshare_scene.ts";

Deno.test("reshare() to others alone: whoever leaves hears from each of them, and erases its share", async () => {
  const names = ["alice", "bob", "carol", "dave", "erin"];
  await using scene = await withTreasury({ names });
  const { value, error } = await scene.reshare(["dave", "erin"]);
  assert.equal(value?.epoch, 2, error?.code);
  await scene.clock.pass(5_000);
  for (const name of before) {
    const [{ held, past } = { held: true, past: [] }] = await scene.node(name).keys();
    assert.deepEqual([held, past.map(({ held }) => held)], [false, [false]], name);
  }
  assert.ok((await scene.sign(["dave", "erin"])).value);
});
