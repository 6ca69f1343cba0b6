import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/context.ts";
import { formatRoster, type Roster, type RosterPeer, signRoster } from "../../src/cluster/roster/roster.ts";
import { bytesUpTo, record } from "../../src/crypto/codec.ts";
import { picklist } from "valibot";
import { assertFails, assertWorks } from "./honest.ts";
import { inPlaceOf, next, type RawPeer, reach } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** The question that peers ask each other, written out. */
const question = record("quorate/t/sync-question", {
  about: picklist(["roster", "keys", "vote"]),
  shown: bytesUpTo(1 << 17),
});
const [testTag, realTag] = ["quorate/t/", "quorate/1/"].map((tag) => new TextEncoder().encode(tag).toHex());

async function show(scene: Scene, by: RawPeer, roster: Roster): Promise<void> {
  const channel = await reach(scene, by, "alice", protocols.sync);
  const asked = question.encode({ about: "roster", shown: new TextEncoder().encode(formatRoster(roster)) });
  await channel.send(Uint8Array.fromHex(asked.toHex().replace(testTag!, realTag!)));
  assert.ok(await next(scene, channel) instanceof Uint8Array);
}

Deno.test("RosterStore takes no roster that is older, forged, another cluster's, or as old and different", async () => {
  await using scene = await Scene.start();
  const { admin, roster } = scene.cluster;
  const bob = await inPlaceOf(scene, "bob");
  const all: readonly RosterPeer[] = roster.peers;
  const some = all.filter(({ name }) => name !== "carol");
  const next2 = await signRoster(admin, all, roster);
  const bad: [string, Roster][] = [
    ["as old and different", await signRoster(admin, some, null)],
    ["signed by a member", { ...await signRoster(bob.identity, some, roster), cluster: admin.peer }],
    ["another cluster's", await signRoster(bob.identity, some, roster)],
    ["changed after it was signed", { ...next2, peers: some }],
    ["with another version", { ...roster, version: 9 }],
  ];
  for (const [what, theirs] of bad) {
    await show(scene, bob, theirs);
    assert.equal(scene.node("alice").roster, roster, what);
  }
  await show(scene, bob, next2);
  await scene.clock.pass(1_000);
  for (const name of ["alice", "carol"]) assert.equal(scene.node(name).roster.version, 2, name);
  await show(scene, bob, roster);
  assert.equal(scene.node("alice").roster.version, 2, "older");
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("sign() is declined with roster-mismatch between peers whose rosters of one version differ", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { admin, roster } = scene.cluster;
  // The admin key signed two rosters of the same version: one reached alice, the other bob.
  const renamed = roster.peers.map((peer) => ({ ...peer, name: `${peer.name}-2` }));
  const two = [await signRoster(admin, roster.peers, roster), await signRoster(admin, renamed, roster)];
  for (const [i, name] of ["alice", "bob"].entries()) {
    scene.cluster.kill(name);
    scene.cluster.roster = two[i]!;
    await scene.cluster.boot(name);
  }
  scene.cluster.roster = two[0]!;
  await scene.cluster.linked();
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", {
    code: "declined",
    claims: [{ by: "bob", code: "roster-mismatch", peers: [] }],
    phase: "inviting",
    key: "safe",
  });
  const third = await signRoster(admin, roster.peers, two[0]!);
  const carol = await inPlaceOf(scene, "carol");
  await show(scene, carol, third);
  await carol.network.stop();
  scene.cluster.roster = third;
  await scene.cluster.boot("carol");
  await scene.clock.pass(10_000);
  await assertWorks(scene);
});

Deno.test("remove() hangs up on a peer, and the others go on without it", async () => {
  await using scene = await Scene.start({
    names: ["alice", "bob", "carol", "dave"],
    more: (name, { admin }) => name === "alice" ? { admin } : {},
  });
  await scene.clock.until(scene.node("alice").remove(scene.peer("dave")));
  await scene.clock.pass(3_000);
  for (const name of ["alice", "bob", "carol"]) {
    assert.equal(scene.node(name).peers.has(scene.peer("dave")), false, name);
  }
  assert.throws(
    () =>
      scene.node("alice").generateKey({
        wallet: "w",
        curve: "ed25519",
        threshold: 2,
        members: [scene.peer("alice"), scene.peer("dave")],
      }),
    { name: "InputError", field: "members" },
  );
  const made = await scene.generate("w", 2, { members: ["alice", "bob", "carol"] });
  assert.ok(made.value, made.error?.code);
});
