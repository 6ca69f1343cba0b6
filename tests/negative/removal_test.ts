import assert from "node:assert/strict";
import type { InputError, NodeEvent, Roster } from "../../mod.ts";
import { banRecord } from "../../src/cluster/records/ban_record.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { eventsTopic, presenceTopic } from "../../src/cluster/links/gossip.ts";
import { answerRecord, questionRecord } from "../../src/cluster/roster/sync_question.ts";
import { encodeQuarantine } from "../../src/cluster/keys/reported_quarantines.ts";
import { maxCommandFrame } from "../../src/limits.ts";
import type { Channel } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { commandOf, inPlaceOf, next, reach } from "./raw_peer.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const four: SceneOptions = {
  names: ["alice", "bob", "carol", "dave"],
  threshold: 2,
  more: (name, { admin }) => name === "alice" ? { admin } : {},
};
const three = ["alice", "bob", "carol"];
const rosters = (events: readonly NodeEvent[], by: string) =>
  events.flatMap((event) =>
    event.type === "roster" && event.peer === by ? [[event.version, event.removed ?? false]] : []
  );

Deno.test("remove() tells the peer, which says so, dials nobody any more and takes no command", async () => {
  await using scene = await Scene.start(four);
  const { node: dave, events, peer } = scene.everyone("dave");
  await scene.clock.until(scene.node("alice").remove(peer));
  await scene.clock.pass(5_000);
  assert.deepEqual(rosters(events, peer), [[2, true]]);
  assert.ok(!events.some((event) => event.type === "peer" && event.state === "refused"), "nobody is dialled");
  const told = events.length;
  await scene.clock.pass(120_000);
  assert.deepEqual(events.slice(told), [], "that was its end: nothing is tried again");
  assert.ok([...dave.peers.values()].every(({ connected, link }) => !connected && link === "none"));
  const wrong = { name: "InputError", field: "identity" };
  assert.throws(() => dave.sign({ wallet: "treasury", scheme: "ed25519", message: hello }), wrong);
  for (const name of three) {
    assert.equal(scene.node(name).peers.has(peer), false, name);
    assert.deepEqual(rosters(scene.everyone(name).events, scene.peer(name)), [[2, false]]);
  }
  const signed = await scene.sign(["alice", "bob"]);
  assert.ok(signed.value, "its share is not needed");
});

Deno.test("remove() hangs up on a peer that does not want to hear it, which then sees no gossip and is not obeyed", async () => {
  await using scene = await Scene.start(four);
  const dave = await inPlaceOf(scene, "dave");
  dave.network.handle(protocols.sync, () => {}); // it takes the question, and never answers
  const heard: string[] = [];
  const { cluster } = scene.cluster.roster;
  for (const topic of [presenceTopic(cluster), eventsTopic(cluster)]) {
    dave.network.subscribe(topic, {
      validate: () => "accept",
      deliver: () => heard.push(topic),
    });
  }
  for (const name of three) await reach(scene, dave, name, protocols.sync);
  await scene.clock.pass(10_000);
  assert.ok(heard.length > 0, "before, it hears what a member hears");
  await scene.clock.until(scene.node("alice").remove(dave.identity.peer));
  await scene.clock.pass(3_000);
  assert.deepEqual(dave.network.connected(), []);
  heard.length = 0;
  const signed = await scene.sign(["alice", "bob"]);
  assert.ok(signed.value);
  await scene.clock.pass(30_000);
  assert.deepEqual(heard, []);
  for (const name of three) {
    await assert.rejects(reach(scene, dave, name, protocols.command), { name: "ChannelError" }, name);
  }
  // Not even over a connection that was open when it was removed: its command has another's right no more.
  const command = await commandOf(scene, dave.identity, { coordinators: [scene.peer("alice")] });
  const bob = await inPlaceOf(scene, "bob");
  const channel = await reach(scene, bob, "alice", protocols.command);
  await channel.send(command);
  assert.ok(!(await next(scene, channel) instanceof Uint8Array));
  assert.deepEqual((await scene.node("alice").keys()).map(({ wallet }) => wallet), ["treasury"]);
});

Deno.test("remove() finds a peer that was away, which is let in by nobody when it comes back", async () => {
  await using scene = await Scene.start(four);
  scene.cluster.kill("dave");
  await scene.clock.pass(1_000);
  await scene.clock.until(scene.node("alice").remove(scene.peer("dave")));
  await scene.clock.pass(1_000);
  await scene.cluster.boot("dave");
  await scene.clock.pass(60_000);
  assert.ok([...scene.node("dave").peers.values()].every(({ connected }) => !connected));
  const told = scene.everyone("dave").events.filter(({ type }) => type === "peer");
  assert.deepEqual(told.map((event) => event.type === "peer" && event.state), [
    "refused",
    "refused",
    "refused",
  ]);
  const signed = await scene.sign(["bob", "carol"]);
  assert.ok(signed.value);
});

Deno.test("A member that was away follows to the new roster when it is back, whoever tells it", async () => {
  await using scene = await Scene.start(four);
  scene.cluster.kill("carol");
  await scene.clock.pass(1_000);
  await scene.clock.until(scene.node("alice").remove(scene.peer("dave")));
  await scene.clock.pass(1_000);
  const { roster } = scene.node("bob");
  scene.cluster.kill("alice"); // who signed it need not be there
  await scene.cluster.boot("carol");
  await scene.clock.pass(10_000);
  assert.deepEqual(scene.node("carol").roster, roster);
  assert.deepEqual(rosters(scene.everyone("carol").events, scene.peer("carol")), [[2, false]]);
  scene.cluster.roster = roster;
  await scene.cluster.boot("alice");
  await scene.clock.pass(10_000);
  const signed = await scene.sign(["carol", "bob"]);
  assert.ok(signed.value, signed.error?.code);
});

Deno.test("A removed peer does not start again with the roster that removed it, nor with the one before", async () => {
  await using scene = await Scene.start(four);
  await scene.clock.until(scene.node("alice").remove(scene.peer("dave")));
  await scene.clock.pass(2_000);
  const { roster } = scene.node("dave");
  scene.cluster.kill("dave");
  const before: Roster = scene.cluster.roster;
  for (const given of [roster, before]) { // the store has the newer one, which counts more than the one before
    scene.cluster.roster = given;
    await assert.rejects(scene.cluster.boot("dave"), (error: InputError) => error.field === "roster.peers");
  }
});

Deno.test("remove() twice at the same moment gives two versions, and the admin key never signs two rosters of one", async () => {
  let signatures = 0;
  await using scene = await Scene.start({
    ...four,
    more: (name, { admin }) =>
      name !== "alice"
        ? {}
        : { admin: { peer: admin.peer, sign: (text) => (signatures++, admin.sign(text)) } },
  });
  const alice = scene.node("alice");
  await scene.clock.until(Promise.all(["bob", "dave"].map((name) => alice.remove(scene.peer(name)))));
  assert.deepEqual(alice.roster.peers.map(({ name }) => name), ["alice", "carol"]);
  assert.deepEqual([alice.roster.version, signatures], [3, 2]);
  await assert.rejects(alice.remove(scene.peer("dave")), { name: "InputError", field: "peer" });
  await assert.rejects(scene.node("carol").remove(scene.peer("alice")), {
    name: "InputError",
    field: "admin",
  });
});

Deno.test("A node does not start with the admin key of another cluster", async () => {
  const admin = await nobleIdentity(seededRandom("another admin"));
  const wrong = { name: "InputError", field: "admin" };
  await assert.rejects(Scene.start({ more: (name) => name === "alice" ? { admin } : {} }), wrong);
});

Deno.test("remove() leaves nothing behind of what a peer has told of itself", async () => {
  await using scene = await Scene.start({ ...four, scheme: "ecdsa" });
  const dave = await inPlaceOf(scene, "dave");
  const [by, other] = [dave.identity.peer, scene.peer("bob")];
  const about = { wallet: "treasury", scheme: "ecdsa" } as const;
  const ban = { ...about, epoch: 0, other, at: 1, keyId: new Uint8Array(32), session: new Uint8Array(32) };
  dave.network.handle(protocols.sync, (channel) => void answer(channel), { maxFrame: maxCommandFrame });
  async function answer(channel: Channel) {
    const { about: question } = questionRecord.decode((await channel.receive())!);
    const item = question === "bans"
      ? (await sign(dave.identity, banRecord, ban)).encoded
      : question === "quarantines"
      ? encodeQuarantine({ ...about, keyId: "0a".repeat(32), by, other, at: 1 })
      : null;
    if (item) await channel.send(answerRecord.encode({ item }));
    await channel.end();
  }
  for (const name of three) await reach(scene, dave, name, protocols.sync);
  await scene.clock.pass(10_000);
  const { node: bob, store } = scene.everyone("bob");
  const shown = () => [...bob.quarantines(), ...bob.bans()].map((one) => scene.nameOf(one.by));
  assert.deepEqual(shown(), ["dave", "dave"], "while it is in the roster");
  assert.equal((await store.names("reported-ban/")).length, 1);
  await scene.clock.until(scene.node("alice").remove(by));
  await scene.clock.pass(3_000);
  assert.deepEqual(shown(), []);
  assert.deepEqual(await store.names("reported-ban/"), []);
});
