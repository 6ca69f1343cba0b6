/**
 * A key of alice, bob and carol that is dealt anew, and peers that cheat in that: alice deals and leaves, bob deals and
 * stays, carol looks on and leaves, dave receives. Not a test by itself.
 * @module
 */
import assert from "node:assert/strict";
import type { Cheat, Outgoing } from "../../src/demo/cheats/cheat_wire.ts";
import { sending } from "../../src/demo/cheats/cheat_wire.ts";
import type { FailureCode } from "../../src/failure.ts";
import type { GroupKey } from "../../mod.ts";
import { assertFails, type Ends, unchanged } from "./honest.ts";
import { Scene, type SceneOptions, type Seen } from "./scene.ts";

export const everyone = ["alice", "bob", "carol", "dave"];
export const before = ["alice", "bob", "carol"];
export const after = ["bob", "dave"];

/** The key is there, in its first epoch: two of alice, bob and carol sign. */
export async function withTreasury(options: SceneOptions = {}): Promise<Scene> {
  const scene = await Scene.start({ names: everyone, ...options });
  const { value, error } = await scene.generate("treasury", 2, { members: before });
  assert.ok(value, `the key is made: ${error?.code}`);
  scene.key = value;
  await scene.known("treasury");
  return scene;
}

/** Deals it to bob and dave. Alice and bob deal. */
export const handOver = (scene: Scene, by = "alice"): Promise<Seen<GroupKey>> =>
  scene.reshare(after, { by, dealers: ["alice", "bob"] });

/** A cheat in a resharing that replaces messages one by one. */
export function cheatIn(
  name: string,
  code: FailureCode,
  instead: (sent: Outgoing) => readonly Outgoing[],
): Cheat {
  return {
    name,
    label: name,
    kinds: ["reshare"],
    expects: { outcome: "failed", code, names: "culprit" },
    applies: ({ kind }) => kind === "reshare",
    wrap: (wire) => sending(wire, instead),
  };
}

/** Every two of the members sign, with the key of that epoch, which is the one that everybody shows. */
export async function assertSigns(scene: Scene, members: readonly string[], epoch: number): Promise<void> {
  for (const cheater of scene.adversaries.values()) cheater.disarm();
  await scene.cluster.linked();
  for (const name of scene.cluster.nodes.keys()) {
    const all = (await scene.node(name).keys()).filter(({ wallet }) => wallet === "treasury");
    const keys = all.filter(({ state }) => state !== "pending"); // beside it, one that never became active
    assert.deepEqual(keys.map((key) => key.epoch), [epoch], `${name} shows one epoch`);
    assert.deepEqual(keys[0]!.publicKey, scene.key.publicKey, name);
    assert.deepEqual(keys[0]!.chainCode, scene.key.chainCode, name);
  }
  for (const [i, one] of members.entries()) {
    for (const other of members.slice(i + 1)) {
      const { value, error } = await scene.sign([one, other]);
      assert.ok(
        value,
        `${one} and ${other} sign with epoch ${epoch}: ${error?.code} ${JSON.stringify(error?.claims)}`,
      );
    }
  }
}

/**
 * One peer cheats in the resharing; each of the others ends so; their shares are as they were, the key signs as before,
 * and can be dealt anew without the cheat.
 */
export async function assertCaughtIn(
  scene: Scene,
  cheater: string,
  cheat: Cheat,
  ends: Ends | ((name: string) => Ends),
): Promise<Seen> {
  const { cheated } = scene.arm(cheater, cheat);
  const honest = everyone.filter((name) => name !== cheater);
  const seen = await unchanged(scene, honest, () => handOver(scene, honest[0]));
  assert.equal(
    cheated.length,
    1,
    `${cheater} had its chance: ${JSON.stringify(seen.view(honest[0]!).at(-1))}`,
  );
  for (const name of honest) assertFails(scene, seen, name, typeof ends === "function" ? ends(name) : ends);
  await assertSigns(scene, before, 1);
  await scene.clock.pass(5_000); // whoever has released the epoch says no, as nobody has voted
  const again = await handOver(scene);
  assert.ok(
    again.value,
    `it is dealt anew after all: ${again.error?.code} ${JSON.stringify(again.error?.claims)}`,
  );
  await scene.clock.pass(3_000);
  await assertSigns(scene, after, 2);
  return seen;
}
