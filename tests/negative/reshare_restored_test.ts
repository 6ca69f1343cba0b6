/** An old backup in an empty store: an epoch that was dealt anew since is told as retired, and nobody signs with it. */
import assert from "node:assert/strict";
import type { GroupKey } from "../../mod.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { asBackup, restoredTo } from "./backup_of.ts";
import { Disks } from "./disks.ts";
import { codeOf, commandOf, inPlaceOf } from "./raw_peer.ts";
import { after, assertSigns, before, handOver, withTreasury } from "./reshare_scene.ts";
import type { Scene } from "./scene.ts";

/** The peer starts from its backup in an empty store, at first where it reaches nobody. */
async function startsOver(scene: Scene, disks: Disks, name: string, backup: Uint8Array): Promise<void> {
  const store = memoryStore();
  await restoredTo(store, backup);
  const { network } = scene.cluster;
  network.reachable((a, b) => ![a, b].includes(scene.peer(name)));
  await disks.putBack(scene, name, store);
  await scene.clock.pass(10_000);
  const [key] = await scene.node(name).keys();
  assert.deepEqual([key?.epoch, key?.held, key?.state], [1, true, "active"], "it knows of no other epoch");
  assert.deepEqual(told(scene, name), []);
  network.reachable(() => true);
  await scene.cluster.linked();
  await scene.clock.pass(20_000);
}

/** What a peer has told of the epochs of its keys since it started. */
const told = (scene: Scene, name: string) =>
  scene.everyone(name).events.flatMap((event) =>
    event.type === "key" && event.peer === scene.peer(name) ? [`${event.epoch} ${event.state}`] : []
  );

/** The epochs of the keys of which a peer has a share on disk. */
const sharesOf = async (scene: Scene, disks: Disks, name: string) =>
  (await disks.keyRows(scene, name)).filter(({ share }) => share.length > 0).map(({ key }) => key!.epoch);

/** A session with the first epoch, coordinated by that peer. @returns The code with which the command ends. */
async function signsWithFirst(scene: Scene, name: string): Promise<unknown> {
  const eve = await inPlaceOf(scene, "eve");
  const command = await commandOf(scene, eve.identity, {
    kind: "sign",
    coordinators: [scene.peer(name)],
    wallet: "treasury",
    keyId: Uint8Array.fromHex(scene.key.session),
    epoch: 1,
    threshold: 0,
    members: [],
  });
  return await codeOf(scene, eve, command, { coordinator: name });
}

/** The signing sessions that a peer has taken part in since it started. */
const signings = (scene: Scene, name: string) =>
  scene.everyone(name).events.filter((event) =>
    event.type === "opened" && event.kind === "sign" && event.peer === scene.peer(name)
  );

Deno.test("A backup of an epoch that its peer has left, in an empty store, is told as retired, and its share is erased", async () => {
  const disks = new Disks();
  await using scene = await withTreasury({ store: disks.store, consoles: ["eve"] });
  const backup = await asBackup(scene, "alice", await disks.copy("alice"));
  assert.equal((await handOver(scene)).value?.epoch, 2);
  await scene.clock.pass(5_000);
  await startsOver(scene, disks, "alice", backup);
  assert.deepEqual(told(scene, "alice").sort(), ["1 erased", "1 retired", "2 active"]);
  assert.deepEqual(await sharesOf(scene, disks, "alice"), []);
  await assertSigns(scene, after, 2);
  const [{ past, held }] = await scene.node("alice").keys() as [GroupKey];
  assert.deepEqual([held, past.map(({ epoch, held }) => [epoch, held])], [false, [[1, false]]]);
  assert.deepEqual(past[0]!.erased.map((peer) => scene.nameOf(peer)).sort(), before);
  assert.equal(await signsWithFirst(scene, "alice"), "epoch-mismatch");
  assert.deepEqual(signings(scene, "alice"), []);
});

Deno.test("A backup of the epoch before that of its peer, in an empty store, is told as retired, and its share is erased with the next", async () => {
  const disks = new Disks();
  await using scene = await withTreasury({ store: disks.store, consoles: ["eve"] });
  const backup = await asBackup(scene, "bob", await disks.copy("bob"));
  const members = ["bob", "carol", "dave"];
  assert.equal((await scene.reshare(members)).value?.epoch, 2);
  await scene.clock.pass(5_000);
  await startsOver(scene, disks, "bob", backup);
  assert.deepEqual(told(scene, "bob").sort(), ["1 retired", "2 active"]);
  assert.deepEqual(await sharesOf(scene, disks, "bob"), [1], "it may be the one that is missing");
  assert.equal((await scene.sign(["bob", "carol"], { by: "bob" })).error?.code, "unknown-wallet");
  assert.equal(await signsWithFirst(scene, "bob"), "epoch-mismatch");
  assert.deepEqual(signings(scene, "bob"), []);
  assert.ok((await scene.sign(["carol", "dave"])).value);
  const again = await scene.reshare(members, { dealers: ["carol", "dave"] });
  assert.equal(again.value?.epoch, 3, again.error?.code);
  await scene.clock.pass(5_000);
  assert.deepEqual(await sharesOf(scene, disks, "bob"), [3]);
  await assertSigns(scene, members, 3);
});
