/**
 * Who spoils the last step of signatures again and again: the pair with it is set aside, and the others go on.
 * @module
 */
import assert from "node:assert/strict";
import { verify } from "../../mod.ts";
import { badEndings, nothingInTheEnd } from "../../src/demo/cheats/ecdsa_cheats.ts";
import type { SessionError } from "../../src/errors.ts";
import type { FailureCode } from "../../src/failure.ts";
import { freezeAfter, freezeAfterAny, freezeWithin } from "../../src/limits.ts";
import { ecdsaScene, holding, nobodyBanned } from "./ecdsa_scene.ts";
import { assertFails } from "./honest.ts";
import { hello, type Scene } from "./scene.ts";

const [wrongW] = badEndings;

/** Carol spoils so many signatures of hers and another's, and is named each time. */
async function spoil(scene: Scene, victim = "alice", times = freezeAfter): Promise<void> {
  for (let i = 0; i < times; i++) {
    scene.arm("carol", wrongW!);
    const seen = await scene.sign([victim, "carol"]);
    assertFails(scene, seen, victim, { code: "invalid-signature-share", culprits: ["carol"] });
  }
}
const quarantined = (scene: Scene, name: string) =>
  scene.node(name).quarantines().map(({ by, other }) => [scene.nameOf(by), scene.nameOf(other)]);
const told = (scene: Scene, name: string) =>
  scene.everyone(name).events.filter((event) => event.type === "quarantine").map((event) =>
    event.type === "quarantine" ? `${event.pair.map((peer) => scene.nameOf(peer))} ${event.state}` : ""
  );

Deno.test("sign() goes on without who spoils the last step again and again: pair-quarantined, and no key is frozen", async () => {
  await using scene = await ecdsaScene();
  const { wallet, curve } = scene.key;
  const free = (by: string) => scene.watch(() => scene.node(by).sign({ wallet, curve, message: hello }));
  await spoil(scene);
  for (const by of ["alice", "bob"]) {
    assert.ok(verify(scene.key, hello, (await scene.sign(["alice", "bob"], { by })).value!), by);
    assert.equal((await scene.node(by).keys())[0]!.state, "active");
  }
  for (const by of scene.names) assert.ok(verify(scene.key, hello, (await free(by)).value!), by);
  assert.equal((await scene.sign(["alice", "carol"])).error?.code, "pair-quarantined");
  const byCarol = await scene.sign(["alice", "carol"], { by: "carol" });
  assert.equal(byCarol.error?.code, "declined");
  assert.deepEqual(byCarol.error?.claims, [
    { by: scene.peer("alice"), code: "pair-quarantined", peers: [scene.peer("carol")] },
  ]);
  const ready = await scene.node("alice").readiness({ wallet, curve });
  assert.deepEqual([ready.quarantined, ready.banned], [[scene.peer("carol")], []]);
  assert.deepEqual(quarantined(scene, "alice"), [["alice", "carol"]]);
  assert.deepEqual(quarantined(scene, "bob"), [["alice", "carol"]], "it is shown");
  assert.deepEqual((await scene.node("bob").readiness({ wallet, curve })).quarantined, []);
  assert.ok((await scene.sign(["bob", "carol"])).value, "nobody quarantines on another's word");
  assert.deepEqual(told(scene, "bob"), ["alice,carol quarantined"], "it is an event");
  assert.equal(await nobodyBanned(scene), null);
});

Deno.test("unfreeze() with a peer releases that pair, durably, and nothing else; a restart releases nothing", async () => {
  await using scene = await ecdsaScene();
  const { wallet, curve } = scene.key;
  const [bob, carol] = [scene.peer("bob"), scene.peer("carol")];
  await spoil(scene);
  const restart = async () => {
    scene.cluster.kill("alice");
    await scene.cluster.boot("alice");
    await scene.cluster.linked();
  };
  await restart();
  assert.equal((await scene.sign(["alice", "carol"])).error?.code, "pair-quarantined");
  const unfreeze = (peer?: string) => scene.node("alice").unfreeze({ wallet, curve }, peer ? { peer } : {});
  await assert.rejects(unfreeze(), { field: "wallet" });
  await assert.rejects(unfreeze(bob), { field: "peer" });
  await unfreeze(carol);
  assert.deepEqual(quarantined(scene, "alice"), []);
  assert.ok((await scene.sign(["alice", "carol"])).value);
  assert.equal(told(scene, "bob").at(-1), "alice,carol released");
  await restart();
  await spoil(scene, "alice", freezeAfter - 1);
  assert.ok((await scene.sign(["alice", "carol"])).value, "released, it counts from none");
});

Deno.test("sign() counts a pair's failures within a day, and each pair's for itself", async () => {
  await using scene = await ecdsaScene();
  await spoil(scene, "alice", freezeAfter - 1);
  await spoil(scene, "bob", freezeAfter - 1);
  assert.ok((await scene.sign(["alice", "carol"])).value);
  for (const name of scene.names) scene.cluster.kill(name);
  await scene.clock.pass(freezeWithin + 1);
  for (const name of scene.names) await scene.cluster.boot(name);
  await scene.cluster.linked();
  await spoil(scene, "alice", freezeAfter - 1);
  assert.ok((await scene.sign(["alice", "carol"])).value, "those of yesterday do not count");
  await spoil(scene, "alice", 1);
  assert.equal((await scene.sign(["alice", "carol"])).error?.code, "pair-quarantined");
  assert.ok((await scene.sign(["bob", "carol"])).value, "bob counts for himself");
});

Deno.test("quarantines() of a console shows the pairs of others, also those that it was not there for", async () => {
  await using scene = await ecdsaScene({ consoles: ["eve"] });
  const { wallet, curve, session } = scene.key;
  const comes = async () => {
    await scene.cluster.boot("eve");
    await scene.cluster.linked();
    await scene.clock.pass(5_000);
  };
  scene.cluster.kill("eve");
  await spoil(scene);
  await comes();
  assert.deepEqual(quarantined(scene, "eve"), [["alice", "carol"]]);
  assert.deepEqual(told(scene, "eve"), [], "no event says so any more");
  const [shown] = scene.node("eve").quarantines();
  assert.deepEqual([shown?.wallet, shown?.curve, shown?.key], [wallet, curve, session]);

  await scene.node("alice").unfreeze({ wallet, curve }, { peer: scene.peer("carol") });
  await scene.clock.pass(5_000);
  assert.deepEqual(quarantined(scene, "eve"), [], "while it is there, an event says so");
  await spoil(scene);
  await scene.clock.pass(5_000);
  assert.deepEqual(quarantined(scene, "eve"), [["alice", "carol"]]);
});

Deno.test("sign() ends with pair-quarantined what is under way with that pair and that key, and nothing else", async () => {
  await using scene = await ecdsaScene();
  const other = (await scene.generate("other")).value!;
  const { cheat, release } = holding("correct");
  const under = (name: string, { wallet, curve } = scene.key) => {
    scene.arm(name, cheat, { once: false });
    const signers = [scene.peer("alice"), scene.peer(name)];
    return scene.node("alice").sign({ wallet, curve, message: hello, signers });
  };
  const [mine, beside, withBob] = [under("carol"), under("carol", other), under("bob")];
  await scene.clock.pass(50);
  await spoil(scene);
  release();
  const error: SessionError = await scene.clock.until(
    mine.result.then(() => assert.fail(), (error) => error),
  );
  assert.equal(error.code, "pair-quarantined");
  assert.ok(await scene.clock.until(beside.result));
  assert.ok(await scene.clock.until(withBob.result));
});

Deno.test("sign() of three of four, where nobody can be named, counts by the set of signers until a key is frozen", async () => {
  const names = ["alice", "bob", "carol", "dave"];
  await using scene = await ecdsaScene({ names, threshold: 3 });
  const fails = async (signers: string[]) => {
    scene.arm("carol", nothingInTheEnd);
    const { error } = await scene.sign(signers);
    const codes: (FailureCode | undefined)[] = ["result-rejected", "aborted-by-peer"];
    assert.ok(codes.includes(error?.code), error?.code);
  };
  const state = async () => (await scene.node("alice").keys())[0]!.state;
  for (let i = 1; i < freezeAfter; i++) {
    await fails(["alice", "bob", "carol"]);
    await fails(["alice", "carol", "dave"]);
  }
  assert.equal(await state(), "active", "no set of signers has failed so often");
  assert.ok((await scene.sign(["alice", "bob", "dave"])).value);
  await fails(["alice", "bob", "carol"]);
  assert.equal(await state(), "frozen");
  assert.deepEqual(quarantined(scene, "alice"), [], "nobody is named");
  assert.ok(freezeAfterAny > freezeAfter);
});
