/** What a resharing ends: a ban, a freeze, and what a cheat may try again and again. */
import assert from "node:assert/strict";
import { failedResharings, freezeWithin } from "../../src/limits.ts";
import { withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { resharings } from "../../src/protocol/deal_messages.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { ecdsaScene, onDisk } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { after, assertSigns, before, cheatIn, handOver, withTreasury } from "./reshare_scene.ts";

const { rounds: { confirm } } = resharings.ed25519;

Deno.test("reshare() deals a frozen key anew, and its next epoch begins without the freeze", async () => {
  await using scene = await withTreasury();
  // A row that cannot be read freezes its key.
  await scene.everyone("bob").store.swap(`frozen/${scene.key.session}`, null, new Uint8Array(64));
  scene.cluster.kill("bob");
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  assert.equal(await scene.keyState("bob", "treasury"), "frozen");
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "declined");
  const { value, error } = await handOver(scene);
  assert.equal(value?.epoch, 2, error?.code);
  await scene.clock.pass(3_000);
  assert.equal(await scene.keyState("bob", "treasury"), "active");
  await assertSigns(scene, after, 2);
});

Deno.test("reshare() deals a key anew between peers that have banned each other, and its next epoch begins without bans", async () => {
  await using scene = await ecdsaScene();
  scene.arm("bob", banning[0]!);
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "invalid-multiplication", culprits: ["bob"] });
  assert.equal((await scene.sign(["alice", "bob"])).error?.code, "peer-banned");
  const { value, error } = await scene.reshare(before, { dealers: ["alice", "bob"] });
  assert.equal(value?.epoch, 2, error?.code);
  await scene.clock.pass(3_000);
  await assertSigns(scene, before, 2);
  const [{ past }] = await scene.node("alice").keys() as unknown as [NonNullable<typeof value>];
  assert.deepEqual(past.map(({ banned }) => banned.map((peer) => scene.nameOf(peer))), [["bob"]]);
  assert.deepEqual(
    (await onDisk(scene, "alice")).pairs,
    [],
    "the pairs of the epoch before are erased with its share",
  );
  assert.deepEqual((await onDisk(scene, "alice", value!.session)).pairs, ["bob", "carol"]);
});

Deno.test("reshare() is not paused by peers that fall silent: nobody was caught", async () => {
  await using scene = await withTreasury();
  const silence = cheatIn("silent", "round-timeout", (sent) => sent.round === "confirm" ? [] : [sent]);
  for (let i = 0; i < failedResharings; i++) {
    scene.arm("dave", silence);
    const { error } = await handOver(scene);
    assert.deepEqual([error?.code, error?.culprits], ["round-timeout", []], `${i}`);
  }
  for (const name of scene.cluster.nodes.keys()) {
    const [key] = await scene.node(name).keys();
    assert.equal(key!.paused, false, name);
  }
  assert.equal((await handOver(scene)).value?.epoch, 2);
});

// F48
Deno.test("reshare() is paused after some in which somebody cheated, for a day, and the key signs on", async () => {
  await using scene = await withTreasury();
  const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);
  const cheat = cheatIn(
    "other outcome",
    "invalid-confirmation",
    (sent) =>
      sent.round === "confirm"
        ? [withPayload(sent, confirm.codec, ({ outcome }) => ({ outcome: flip(outcome) }))]
        : [sent],
  );
  for (let i = 0; i < failedResharings; i++) {
    scene.arm("dave", cheat);
    assert.equal((await handOver(scene)).error?.code, "invalid-confirmation", `${i}`);
  }
  for (const name of before) {
    const [key] = await scene.node(name).keys();
    assert.equal(key!.paused, true, `${name} says so`);
  }
  const paused = await handOver(scene);
  assert.ok(["resharing-paused", "declined"].includes(paused.error!.code), paused.error?.code);
  scene.cluster.kill("bob");
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  const { claims } = (await handOver(scene, "dave")).error!;
  assert.ok(
    claims.length > 0 && claims.every(({ code }) => code === "resharing-paused"),
    JSON.stringify(claims),
  );
  await assertSigns(scene, before, 1);
  // A day passes in which nobody runs.
  const names = [...scene.cluster.nodes.keys()];
  for (const name of names) scene.cluster.kill(name);
  await scene.clock.pass(freezeWithin + 1);
  for (const name of names) await scene.cluster.boot(name);
  await scene.cluster.linked();
  const again = await handOver(scene);
  assert.equal(again.value?.epoch, 2, again.error?.code);
});
