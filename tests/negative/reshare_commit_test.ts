import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import { assertFails } from "./honest.ts";
import {
  after,
  assertCaughtIn,
  assertSigns,
  before,
  cheatIn,
  everyone,
  handOver,
  withTreasury,
} from "./reshare_scene.ts";
import type { GroupKey } from "../../mod.ts";
import type { Scene } from "./scene.ts";

const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);

/** What a peer that has released the epoch can say of the key: the recipients may finish it without any other peer. */
const keyAfterRelease = (name: string) => after.includes(name) ? "safe" : "pending";

/** The connections of a peer break and come back, so that it is asked again how it stands. */
async function meetAgain(scene: Scene, name: string): Promise<void> {
  for (const other of everyone) {
    if (other !== name) scene.cluster.network.cut(scene.peer(name), scene.peer(other));
  }
  await scene.clock.pass(3_000);
  await scene.cluster.linked();
  await scene.clock.pass(3_000);
}

for (const cheater of ["alice", "bob", "carol", "dave"]) {
  Deno.test(`reshare() names who releases the epoch to another key, and it stays: ${cheater}`, async () => {
    await using scene = await withTreasury();
    const cheat = cheatIn(
      "other release",
      "invalid-confirmation",
      (sent) => sent.round === releaseRound ? [{ ...sent, body: flip(sent.body) }] : [sent],
    );
    await assertCaughtIn(scene, cheater, cheat, (name) => ({
      code: "invalid-confirmation",
      culprits: [cheater],
      phase: "committing",
      key: keyAfterRelease(name),
    }));
  });

  Deno.test(`reshare() finds missing, and blames for nothing, who releases nothing: ${cheater}`, async () => {
    await using scene = await withTreasury();
    const cheat = cheatIn("no release", "round-timeout", (sent) => sent.round === releaseRound ? [] : [sent]);
    await assertCaughtIn(scene, cheater, cheat, (name) => ({
      code: "round-timeout",
      missing: [cheater],
      phase: "committing",
      key: keyAfterRelease(name),
    }));
  });
}

Deno.test("reshare() names who releases the epoch twice", async () => {
  await using scene = await withTreasury();
  // Nobody votes before all have released: everyone still waits for Dave's as Carol's second one comes.
  scene.arm(
    "dave",
    cheatIn("no release", "equivocation", (sent) => sent.round === releaseRound ? [] : [sent]),
  );
  scene.arm(
    "carol",
    cheatIn(
      "two releases",
      "equivocation",
      (sent) => sent.round === releaseRound ? [sent, { ...sent, body: flip(sent.body) }] : [sent],
    ),
  );
  const seen = await handOver(scene);
  for (const name of ["alice", "bob", "dave"]) {
    assertFails(scene, seen, name, {
      code: "equivocation",
      culprits: ["carol"],
      phase: "committing",
      key: keyAfterRelease(name),
    });
  }
  await scene.clock.pass(10_000);
  await assertSigns(scene, before, 1);
});

Deno.test("reshare() names who votes for another key, and its true vote finishes the epoch", async () => {
  await using scene = await withTreasury();
  scene.arm(
    "dave",
    cheatIn(
      "other vote",
      "invalid-confirmation",
      (sent) => sent.round === voteRound ? [{ ...sent, body: flip(sent.body) }] : [sent],
    ),
  );
  const seen = await handOver(scene);
  assertFails(scene, seen, "bob", {
    code: "invalid-confirmation",
    culprits: ["dave"],
    phase: "committing",
    round: null,
    key: "pending",
  });
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "invalid-confirmation", culprits: ["dave"], phase: "committing" });
  }
  await meetAgain(scene, "dave");
  await assertSigns(scene, after, 2);
});

Deno.test("reshare() leaves the key in use, and dealt anew by no other session, until the last vote is there", async () => {
  await using scene = await withTreasury();
  let dying = false;
  const kill = () => {
    if (!dying) scene.clock.timer(50, () => scene.cluster.kill("dave"));
    dying = true;
  };
  scene.arm(
    "dave",
    cheatIn("no vote", "wallet-pending", (sent) => {
      if (sent.round !== voteRound) return [sent];
      kill();
      return [];
    }),
  );
  const seen = await handOver(scene);
  assertFails(scene, seen, "bob", { code: "wallet-pending", missing: ["dave"], key: "pending" });
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "wallet-pending", missing: ["dave"], phase: "committing" });
  }
  const signed = await scene.sign(["alice", "bob"]);
  assert.ok(signed.value, `the epoch that is there signs: ${signed.error?.code}`);
  const again = await scene.reshare(before, { gone: [] });
  assert.equal(again.error?.code, "wallet-busy", "one session at a time");
  await scene.cluster.boot("dave");
  await scene.cluster.linked();
  await scene.clock.pass(10_000);
  await assertSigns(scene, after, 2);
  for (const name of before.slice(0, 2)) {
    const past = (await scene.node(name).keys())[0]!.past;
    assert.deepEqual(past.map(({ epoch, held }) => [epoch, held]), [[1, false]], name);
  }
});

Deno.test("reshare() shows a fork where a certificate comes late, and no share of it is erased", async () => {
  let scene: Scene | null = null, over = false;
  // Dave gets bob's vote, gives his own to nobody, and dies as he has the certificate, alone.
  const told = (name: string, event: NodeEvent) => {
    const isActive = name === "dave" && event.type === "key" && event.state === "active" && event.epoch === 2;
    if (!isActive || over || event.peer !== scene?.peer("dave")) return;
    over = true;
    scene.cluster.kill("dave");
  };
  scene = await withTreasury({ told });
  await using _scene = scene;
  scene.arm(
    "dave",
    cheatIn("withheld vote", "wallet-pending", (sent) => sent.round === voteRound ? [] : [sent]),
  );
  await handOver(scene);
  assert.ok(!scene.cluster.nodes.has("dave"));
  await scene.clock.pass(1_000);
  for (const name of ["alice", "bob", "carol"]) {
    await scene.node(name).giveUp({ wallet: "treasury", scheme: "ed25519" });
  }
  const other = await scene.reshare(before);
  assert.equal(other.value?.epoch, 2, `${other.error?.code} ${JSON.stringify(other.error?.claims)}`);
  await scene.clock.pass(2_000);
  await assertSigns(scene, before, 2);
  await scene.cluster.boot("dave");
  await scene.cluster.linked();
  await scene.clock.pass(10_000);
  for (const name of everyone) {
    const keys: readonly GroupKey[] = (await scene.node(name).keys()).filter(({ wallet }) =>
      wallet === "treasury"
    );
    assert.deepEqual(keys.map(({ epoch, state }) => [epoch, state]), [[2, "active"], [2, "active"]], name);
    const held = keys.map(({ members, held }) => [members.length, held]).sort();
    const expected = { alice: [false, true], bob: [true, true], carol: [false, true], dave: [true, false] };
    assert.deepEqual(held, [[2, expected[name as "bob"][0]], [3, expected[name as "bob"][1]]], name);
  }
  // Either of them signs, by its id.
  const [keyId] = (await scene.node("bob").keys()).filter(({ members }) => members.length === 2).map((
    { session },
  ) => session);
  const signed = await scene.sign(["bob", "dave"], { keyId: keyId! });
  assert.ok(signed.value, signed.error?.code);
  const chosen = await scene.sign(["alice", "carol"], { keyId: other.value!.session });
  assert.ok(chosen.value, chosen.error?.code);
});

Deno.test("reshare() is told of as it is: who leaves erases its share of the epoch before, and has none of the next to erase", async () => {
  await using scene = await withTreasury();
  const begun = everyone.map((name) => scene.keyStates(name, "treasury").length);
  assert.equal((await handOver(scene)).value?.epoch, 2);
  await scene.clock.pass(5_000);
  const told = (name: string) =>
    scene.everyone(name).events.flatMap((event) =>
      event.type === "key" && event.peer === scene.peer(name) ? [`${event.epoch} ${event.state}`] : []
    ).slice(begun[everyone.indexOf(name)]);
  for (const name of ["alice", "carol"]) {
    assert.deepEqual(told(name).sort(), ["1 erased", "1 retired", "2 active"], name);
  }
  assert.deepEqual(told("bob").sort(), ["1 erased", "1 retired", "2 active", "2 pending"]);
  assert.deepEqual(told("dave").sort(), ["1 retired", "2 active", "2 pending"]);
});

Deno.test("giveUp() frees an epoch that was released to a session without an end, at a member that leaves too", async () => {
  await using scene = await withTreasury();
  let dying = false;
  scene.arm(
    "dave",
    cheatIn("no vote", "wallet-pending", (sent) => {
      if (sent.round !== voteRound) return [sent];
      if (!dying) scene.clock.timer(0, () => scene.cluster.kill("dave"));
      dying = true;
      return [];
    }),
  );
  await handOver(scene);
  await scene.clock.pass(10_000);
  assert.equal((await scene.reshare(before)).error?.code, "wallet-busy");
  for (const name of before) {
    await scene.node(name).giveUp({ wallet: "treasury", scheme: "ed25519" });
    await assert.rejects(scene.node(name).giveUp({ wallet: "treasury", scheme: "ed25519" }), {
      field: "wallet",
    }, name);
  }
  const again = await scene.reshare(before);
  assert.equal(again.value?.epoch, 2, `${again.error?.code} ${JSON.stringify(again.error?.claims)}`);
});
