import assert from "node:assert/strict";
import { withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { resharings } from "../../src/protocol/deal_messages.ts";
import { after, assertSigns, before, cheatIn, handOver, withTreasury } from "./reshare_scene.ts";

const { confirm } = resharings.ed25519.rounds;
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

Deno.test("reshare() in which somebody has cheated three times within a day is refused with resharing-paused, until the operator lets it go on", async () => {
  await using scene = await withTreasury();
  const lies = cheatIn("confirms another outcome", "invalid-confirmation", (sent) => [
    sent.round === "confirm"
      ? withPayload(sent, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) }))
      : sent,
  ]);
  for (let tried = 0; tried < 3; tried++) {
    scene.arm("bob", lies);
    assert.equal((await handOver(scene)).error?.code, "invalid-confirmation");
  }
  const paused = await handOver(scene);
  assert.equal(paused.error?.code, "resharing-paused");
  await assertSigns(scene, before, 1); // signing goes on
  // Bob has seen nobody cheat; the others let it go on, each for itself.
  const key = { wallet: "treasury", scheme: "ed25519" } as const;
  await scene.node("alice").unfreeze(key);
  const declined = await handOver(scene);
  assert.deepEqual(new Set(declined.error?.claims.map(({ code }) => code)), new Set(["resharing-paused"]));
  for (const name of ["carol", "dave"]) await scene.node(name).unfreeze(key);
  await assert.rejects(scene.node("dave").unfreeze(key), /expected a frozen key/);
  assert.equal((await handOver(scene)).value?.epoch, 2);
  await assertSigns(scene, after, 2);
});
