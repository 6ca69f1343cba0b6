import assert from "node:assert/strict";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import { type Roster, type RosterConflictEvent, signRoster } from "../../mod.ts";
import { Scene } from "./scene.ts";

/** What `by` has told of rosters in conflict, as `name` has heard it. */
const told = (scene: Scene, name: string, by = name) =>
  scene.everyone(name).events.filter((event): event is RosterConflictEvent =>
    event.type === "roster-conflict" && event.peer === scene.peer(by)
  ).map(({ version, hashes }) => [version, ...hashes]);

/** Two rosters of version 2, both signed by the admin key. */
async function two({ cluster: { admin, roster } }: Scene) {
  const renamed = roster.peers.map((peer) => ({ ...peer, name: `${peer.name}-2` }));
  const hers = await signRoster(admin, roster.peers, roster);
  const his = await signRoster(admin, renamed, roster);
  return { hers, his, hash: { hers: rosterHash(hers).toHex(), his: rosterHash(his).toHex() } };
}

async function startAgain({ cluster }: Scene, name: string, roster: Roster): Promise<void> {
  cluster.kill(name);
  cluster.roster = roster;
  await cluster.boot(name);
}

Deno.test("Two rosters of one version that the admin key has signed are told by all who see both, once, with both hashes", async () => {
  await using scene = await Scene.start();
  const { hers, his, hash } = await two(scene);
  await startAgain(scene, "alice", hers);
  await startAgain(scene, "bob", his);
  await scene.clock.pass(30_000);
  assert.deepEqual(told(scene, "alice"), [[2, hash.hers, hash.his]]);
  assert.deepEqual(told(scene, "bob"), [[2, hash.his, hash.hers]]);
  assert.deepEqual(told(scene, "alice", "bob"), [[2, hash.his, hash.hers]], "it is gossiped");
  assert.deepEqual([scene.node("alice").roster, scene.node("bob").roster], [hers, his], "neither gives way");
});

Deno.test("A roster that follows another one than a node's own is in force there, and told, also at its start", async () => {
  await using scene = await Scene.start();
  const { hers, his, hash } = await two(scene);
  for (const name of ["alice", "carol"]) scene.cluster.kill(name);
  await startAgain(scene, "bob", his);
  await scene.clock.pass(1_000);
  const next = await signRoster(scene.cluster.admin, hers.peers, hers);
  scene.cluster.roster = next;
  await scene.cluster.boot("alice");
  await scene.clock.pass(5_000);
  assert.equal(scene.node("bob").roster.version, 3, "a removal is not held up by a fork");
  assert.deepEqual(told(scene, "bob"), [[2, hash.his, hash.hers]]);
  assert.deepEqual(told(scene, "alice"), [], "she has seen no other of version 2");

  for (const name of ["alice", "bob"]) scene.cluster.kill(name);
  scene.cluster.roster = his;
  await scene.cluster.boot("carol");
  await startAgain(scene, "carol", next);
  const reader = scene.node("carol").events({ replay: 100 }).getReader();
  for (;;) {
    const { value } = await reader.read();
    if (value?.type !== "roster-conflict") continue;
    assert.deepEqual([value.version, ...value.hashes], [2, hash.his, hash.hers]);
    break;
  }
  await reader.cancel();
});
