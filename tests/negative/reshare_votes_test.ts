/** A recipient that votes to some only: the others wait, nothing is lost, and all come to the same epoch. */
import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { voteRound } from "../../src/session/control.ts";
import { assertFails, terminalOf } from "./honest.ts";
import { assertSigns, cheatIn, withTreasury } from "./reshare_scene.ts";
import type { Scene } from "./scene.ts";

/** Alice and bob deal; alice leaves. */
const recipients = ["bob", "carol", "dave"];
const dealt = (scene: Scene) => scene.reshare(recipients, { dealers: ["alice", "bob"] });

/** Dave votes, but tells bob alone. */
const votesToBob = (scene: Scene, then = () => {}) =>
  scene.arm(
    "dave",
    cheatIn("a vote to one only", "wallet-pending", (sent) => {
      if (sent.round !== voteRound) return [sent];
      then();
      return sent.to === scene.peer("bob") ? [sent] : [];
    }),
  );

// F44
Deno.test("reshare() in which one votes to one peer only ends with the new epoch everywhere, and finds it missing at the others", async () => {
  await using scene = await withTreasury();
  votesToBob(scene);
  const seen = await dealt(scene);
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, {
      code: "wallet-pending",
      missing: ["dave"],
      phase: "committing",
      key: "pending",
    });
  }
  for (const name of ["bob", "dave"]) assert.equal(terminalOf(seen, name).type, "done", name);
  await scene.clock.pass(10_000);
  await assertSigns(scene, recipients, 2);
});

Deno.test("reshare() in which one votes to one peer only, and both die, leaves the epoch in use, until one of them is back", async () => {
  let scene: Scene | null = null;
  // Both die with the certificate, before they show it to anybody.
  const dying = new Set(["bob", "dave"]);
  const told = (name: string, event: NodeEvent) => {
    const isActive = event.type === "key" && event.state === "active" && event.epoch === 2;
    if (isActive && event.peer === scene?.peer(name) && dying.delete(name)) scene.cluster.kill(name);
  };
  scene = await withTreasury({ told });
  await using _scene = scene;
  votesToBob(scene);
  const seen = await dealt(scene);
  assert.equal(dying.size, 0, "both had it");
  assertFails(scene, seen, "carol", { code: "wallet-pending", missing: ["dave"], key: "pending" });
  const signed = await scene.sign(["alice", "carol"]);
  assert.ok(signed.value, `the epoch that is there signs: ${signed.error?.code}`);
  assert.equal((await scene.node("carol").keys())[0]!.epoch, 1);

  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await scene.clock.pass(10_000);
  assert.ok((await scene.sign(["bob", "carol"])).value, "dave's vote is in the certificate, without dave");
  await scene.cluster.boot("dave");
  await scene.cluster.linked();
  await scene.clock.pass(10_000);
  await assertSigns(scene, recipients, 2);
});
