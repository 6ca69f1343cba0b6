import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { type Failure, isTerminal, type SessionEvent } from "../../src/events.ts";
import { presenceRecord } from "../../src/cluster/rollback/presence.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { cheatOf, wrongLinkConfirmation } from "../../src/demo/cheats/session_cheats.ts";
import { readSigned } from "../../src/session/signed.ts";
import { assertWorks } from "./honest.ts";
import { commandOf, helloOf, inPlaceOf, next, reach, stranger } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

/** A node's own failures of links. */
function linkFailures(scene: Scene, name: string): Failure[] {
  const { events, peer } = scene.everyone(name);
  return events.filter((event): event is Failure =>
    event.type === "failed" && event.kind === "ecdh" && event.peer === peer
  );
}

function warningsOf(scene: Scene, name: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const { events, peer } = scene.everyone(name);
  for (const event of events) {
    if (event.type === "warning" && event.peer === peer) {
      counts[event.code] = (counts[event.code] ?? 0) + event.count;
    }
  }
  return counts;
}

/** One terminal event for each exchange that a node has told of. */
function assertOneEndEach(scene: Scene, name: string): void {
  const { events, peer } = scene.everyone(name);
  const ended = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "warning" && "kind" in event && event.kind === "ecdh" && event.peer === peer) {
      ended.set(event.id, (ended.get(event.id) ?? 0) + (isTerminal(event as SessionEvent) ? 1 : 0));
    }
  }
  for (const [id, count] of ended) assert.equal(count, 1, `${name}: ${id}`);
}

for (
  const { what, cheat, code, names } of [
    {
      what: "a wrong confirmation",
      cheat: wrongLinkConfirmation,
      code: "invalid-confirmation",
      names: "culprits",
    },
    { what: "garbage", cheat: cheats.get("garbage")!, code: "malformed-message", names: "culprits" },
  ] as const
) {
  Deno.test(`Links name who answers with ${what}, make the link anew, and leave the other pairs alone`, async () => {
    await using scene = await Scene.start({ armed: { bob: cheat } });
    const victims = ["alice", "carol"].filter((name) => linkFailures(scene, name).length > 0);
    assert.equal(victims.length, 1, "it cheats once, against one peer");
    for (const name of victims) {
      for (const failure of linkFailures(scene, name)) {
        assert.deepEqual([failure.code, failure.phase], [code, "exchanging"]);
        assert.deepEqual(failure[names], [scene.peer("bob")]);
      }
    }
    for (const name of scene.names) assertOneEndEach(scene, name);
    await assertWorks(scene);
  });
}

Deno.test("Links: a peer whose confirmation is found wrong hears so before the stream ends", async () => {
  // Bob's link would be made as soon as he has Alice's own confirmation: hers gets lost.
  const lost = cheatOf(
    {
      name: "no-confirmation",
      label: "confirm nothing",
      kinds: ["ecdh"],
      expects: wrongLinkConfirmation.expects,
    },
    (sent) => sent.round === "confirm" ? [] : [sent],
  );
  await using scene = await Scene.start({
    names: ["alice", "bob"],
    armed: { alice: lost, bob: wrongLinkConfirmation },
  });
  const [found] = linkFailures(scene, "alice");
  assert.deepEqual([found!.code, found!.culprits], ["invalid-confirmation", [scene.peer("bob")]]);
  const heard = linkFailures(scene, "bob").map(({ code, culprits, claims }) => ({ code, culprits, claims }));
  const claim = { by: scene.peer("alice"), code: "invalid-confirmation", peers: [scene.peer("bob")] };
  assert.deepEqual(heard, [{ code: "aborted-by-peer", culprits: [], claims: [claim] }]);
  for (const name of scene.names) assertOneEndEach(scene, name);
  assert.ok((await scene.generate("ours", 2)).value, "the link was made anew");
});

Deno.test("Links name who signs a key of low order", async () => {
  await using scene = await Scene.start();
  const bob = await inPlaceOf(scene, "bob");
  const before = linkFailures(scene, "alice").length;
  for (const [i, key] of [new Uint8Array(32), new Uint8Array(32).with(0, 1)].entries()) {
    const channel = await reach(scene, bob, "alice", protocols.link);
    await channel.send(await helloOf(scene, bob.identity, { key, generation: i + 1 }));
    await scene.clock.pass(500);
    const failure = linkFailures(scene, "alice").at(-1)!;
    assert.equal(linkFailures(scene, "alice").length, before + i + 1);
    assert.deepEqual([failure.code, failure.culprits], ["malformed-message", [bob.identity.peer]]);
  }
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("Links take no hello twice, none of an earlier boot, and none of another's", async () => {
  await using scene = await Scene.start();
  const carol = scene.everyone("carol").identity;
  const bob = await inPlaceOf(scene, "bob");
  const good = await helloOf(scene, bob.identity, {
    boot: new Uint8Array(8).fill(1),
    time: scene.clock.now(),
  });
  await scene.clock.pass(10);
  const newer = await helloOf(scene, bob.identity, {
    boot: new Uint8Array(8).fill(2),
    time: scene.clock.now(),
  });
  const bad: [string, Uint8Array][] = [
    ["replayed", newer],
    ["of an earlier boot", good],
    ["another's", await helloOf(scene, carol)],
    ["of another's name", await helloOf(scene, bob.identity, { peer: carol.peer })],
    ["a command", await commandOf(scene, bob.identity)],
    ["nothing", new Uint8Array()],
  ];
  for (const hello of [good, newer]) {
    const channel = await reach(scene, bob, "alice", protocols.link);
    await channel.send(hello);
    const reply = await next(scene, channel);
    assert.ok(reply instanceof Uint8Array, "a good hello is answered");
    channel.abort();
  }
  for (const [what, hello] of bad) {
    const before = warningsOf(scene, "alice")["rejected-hello"] ?? 0;
    const failed = linkFailures(scene, "alice").length;
    const channel = await reach(scene, bob, "alice", protocols.link);
    await channel.send(hello);
    await scene.clock.pass(3_000);
    assert.ok((warningsOf(scene, "alice")["rejected-hello"] ?? 0) > before, what);
    assert.deepEqual(
      linkFailures(scene, "alice").slice(failed).flatMap(({ culprits }) => culprits),
      [],
      what,
    );
    assert.equal(scene.node("alice").peers.get(bob.identity.peer)?.link, "retrying", what);
  }
  assertOneEndEach(scene, "alice");
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("Links do not say their hello to a stranger, nor make anything with it", async () => {
  await using scene = await Scene.start();
  const eve = await stranger(scene);
  await assert.rejects(reach(scene, eve, "alice", protocols.link));
  assert.equal(scene.node("alice").peers.has(eve.identity.peer), false);
  await assertWorks(scene);
});

Deno.test("Links: every hello has another key, and every exchange another session", async () => {
  await using scene = await Scene.start();
  const bob = await inPlaceOf(scene, "bob");
  const keys = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const channel = await reach(scene, bob, "alice", protocols.link);
    await channel.send(await helloOf(scene, bob.identity, { generation: i + 1 }));
    const reply = await next(scene, channel);
    assert.ok(reply instanceof Uint8Array);
    const hello = await readSigned(bob.identity, presenceRecord, reply);
    assert.equal(hello?.by, scene.peer("alice"));
    keys.add(hello!.value.key.toHex());
    channel.abort();
  }
  assert.equal(keys.size, 5);
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("Links: a restarted peer is linked again, and a session under way ends without blame", async () => {
  await using scene = await Scene.start({ threshold: 3 });
  const { result } = scene.node("alice").sign({
    wallet: "treasury",
    scheme: "ed25519",
    message: new Uint8Array(1),
  });
  scene.clock.timer(0, () => scene.cluster.kill("bob"));
  const ended = await scene.clock.until(result.then(() => null, (error) => error));
  if (ended) assert.deepEqual(ended.culprits, []);
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await assertWorks(scene);
});

Deno.test("Links answer a peer so often and no more: its hellos fill nobody's memory", async () => {
  await using scene = await Scene.start();
  const bob = await inPlaceOf(scene, "bob");
  const before = linkFailures(scene, "alice").length;
  for (let i = 0; i < 200; i++) {
    const channel = await reach(scene, bob, "alice", protocols.link);
    const hello = await helloOf(scene, bob.identity, { key: new Uint8Array(32), generation: i + 1 });
    await channel.send(hello).catch(() => {}); // hung up on
    await scene.clock.pass(20);
  }
  await scene.clock.pass(1_100);
  assert.equal(linkFailures(scene, "alice").length - before, 16);
  assert.equal(warningsOf(scene, "alice")["rejected-hello"], 200 - 16);
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});
