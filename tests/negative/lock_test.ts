import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { lockableVault } from "../../src/worker/client.ts";
import { shareVault } from "../../src/worker/vault.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { assertFails, assertWorks, terminalOf } from "./honest.ts";
import { hello, Scene, type SceneOptions } from "./scene.ts";

const all = ["alice", "bob", "carol"];
const fromBob = { by: "bob", code: "store-locked", peers: [] } as const;

/** Nodes whose vaults have locks, and frames that take their time. */
function lockable(options: SceneOptions = {}): Promise<Scene> {
  return Scene.start({
    carry: () => ({ bytes }) => [{ bytes, afterMs: 20 }],
    vault: (identity, random, clock) => {
      const { peer } = identity;
      return lockableVault(
        identity.secrets(),
        (secrets) => shareVault({ secrets, peer, random, clock }),
      );
    },
    ...options,
  });
}

async function lock(scene: Scene, name: string): Promise<void> {
  await scene.clock.until(scene.node(name).lock());
}

function unlock(scene: Scene, name: string): void {
  scene.node(name).unlock(scene.everyone(name).identity.secrets());
}

const linksOf = (scene: Scene, name: string) => [...scene.node(name).peers.values()].map(({ link }) => link);

/** Locks a node as soon as it tells what `when` waits for. */
function lockWhen(scene: Scene, name: string, when: (event: NodeEvent) => boolean): void {
  const node = scene.node(name);
  void (async () => {
    for await (const event of node.events()) {
      if ("peer" in event && event.peer === node.self && when(event)) return await node.lock();
    }
  })();
}

Deno.test("lock() is seen by the others, who do not count its node as ready", async () => {
  await using scene = await lockable({ threshold: 2 });
  const treasury = { wallet: scene.key.wallet, scheme: scene.key.scheme };
  const seenBy = async (name: string) => {
    const { ready, quorate } = await scene.node(name).readiness(treasury);
    const locked = [...scene.node(name).peers].filter(([, { locked }]) => locked).map(([peer]) => peer);
    return { locked, ready: ready.length, quorate };
  };
  const bob = scene.peer("bob");
  await scene.clock.pass(5_000);
  await lock(scene, "bob");
  await scene.clock.pass(1_000);
  assert.deepEqual(await seenBy("alice"), { locked: [bob], ready: 2, quorate: true });
  assert.deepEqual(
    await seenBy("bob"),
    { locked: [], ready: 2, quorate: true },
    "its own lock is no other's",
  );
  unlock(scene, "bob");
  await scene.clock.pass(1_000);
  assert.deepEqual(await seenBy("alice"), { locked: [], ready: 3, quorate: true });
});

Deno.test("lock() keeps a node's links, and its invites are declined with store-locked, until unlock()", async () => {
  await using scene = await lockable({ threshold: 2 });
  await lock(scene, "bob");
  assert.equal(scene.node("bob").locked, true);
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "declined", claims: [fromBob], key: "safe", phase: "inviting" });
  assert.deepEqual(seen.view("bob"), [], "it opened nothing");
  const made = await scene.generate();
  assertFails(scene, made, "alice", { code: "declined", claims: [fromBob] });
  const { wallet, scheme } = scene.key;
  for (let i = 0; i < 4; i++) {
    const any = await scene.watch(() => scene.node("alice").sign({ wallet, scheme, message: hello }));
    assert.ok(any.value, "whoever is not locked is asked instead");
  }
  await scene.clock.pass(30_000);
  assert.deepEqual(linksOf(scene, "bob"), ["up", "up"]);
  unlock(scene, "bob");
  assert.equal(scene.node("bob").locked, false);
  assert.ok((await scene.sign(["alice", "bob"])).value);
  const told = scene.everyone("bob").events.flatMap((event) =>
    event.type === "locked" && event.peer === scene.peer("bob") ? [event.locked] : []
  );
  assert.deepEqual(told, [true, false]);
  const heard = scene.everyone("alice").events.filter((event) => event.type === "locked");
  assert.deepEqual(heard.map(({ peer }) => scene.nameOf(peer)), ["bob", "bob"], "the others hear of it");
  await assertWorks(scene);
});

Deno.test("sign() and generateKey() end with store-locked at a locked node, unless others carry it out", async () => {
  await using scene = await lockable({ threshold: 2 });
  await lock(scene, "alice");
  const { wallet, scheme } = scene.key;
  const members = all.map((name) => scene.peer(name));
  const commands = [
    () => scene.sign(["alice", "bob"]),
    () => scene.watch(() => scene.node("alice").sign({ wallet, scheme, message: hello })),
    () =>
      scene.watch(() => scene.node("alice").generateKey({ wallet: "new", scheme, threshold: 2, members })),
  ];
  for (const command of commands) {
    const seen = await command();
    const end = assertFails(scene, seen, "alice", { code: "store-locked", culprits: [], missing: [] });
    assert.equal(end.remedy, "fix");
    assert.deepEqual([seen.view("bob"), seen.view("carol")], [[], []], "nobody was asked");
  }
  assert.ok((await scene.sign(["bob", "carol"], { by: "alice" })).value, "its own share is not needed");
  const asked = await scene.sign(["alice", "bob"], { by: "carol" });
  assert.equal(asked.error?.code, "store-locked", "who asks it from elsewhere is told why");
  unlock(scene, "alice");
  await assertWorks(scene);
});

Deno.test("lock() ends sessions under way with store-locked, and the others hear why", async () => {
  await using scene = await lockable({ threshold: 3 });
  scene.arm("carol", cheats.get("slow")!); // the others wait for her share
  lockWhen(scene, "bob", (event) => event.type === "heard" && event.kind === "sign");
  const seen = await scene.sign(all);
  assertFails(scene, seen, "bob", { code: "store-locked", phase: "exchanging", key: "safe" });
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, { code: "aborted-by-peer", claims: [fromBob], key: "safe" });
  }
  unlock(scene, "bob");
  await assertWorks(scene);
});

Deno.test("lock() ends commands that are still being proposed with store-locked", async () => {
  await using scene = await lockable({ threshold: 2 });
  lockWhen(scene, "alice", (event) => event.type === "proposed");
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "store-locked", phase: "inviting", key: "safe" });
  unlock(scene, "alice");
  await assertWorks(scene);
});

Deno.test("lock() in the middle of a commit leaves a pending key, which heals while the node is still locked", async () => {
  await using scene = await lockable();
  lockWhen(scene, "bob", (event) => event.type === "key" && event.state === "pending");
  const seen = await scene.generate("savings");
  // After its vote what matters is that the key may yet come to be, whatever ended the session.
  const missing = ["alice", "carol"];
  assertFails(scene, seen, "bob", { code: "wallet-pending", missing, phase: "committing", key: "pending" });
  for (const name of all) {
    for (const other of all) {
      if (other !== name) scene.cluster.network.cut(scene.peer(name), scene.peer(other));
    }
  }
  await scene.clock.pass(5_000);
  await scene.cluster.linked();
  await scene.clock.pass(2_000);
  for (const name of all) {
    const states = (await scene.node(name).keys()).map(({ wallet, state }) => [wallet, state]);
    assert.deepEqual(states, [["savings", "active"]], name);
  }
  assert.equal(scene.node("bob").locked, true);
  unlock(scene, "bob");
  assert.ok((await scene.sign(["alice", "bob"], { wallet: "savings" })).value);
});

Deno.test("unlock() takes this node's secrets only, and a stopped node none", async () => {
  await using scene = await lockable({ threshold: 2 });
  const bob = scene.node("bob");
  await lock(scene, "bob");
  await lock(scene, "bob");
  const mine = scene.everyone("bob").identity.secrets();
  const other = (await nobleIdentity(scene.cluster.random)).secrets();
  for (
    const wrong of [other, { ...mine, peerSeed: other.peerSeed }, { ...mine, storageKey: other.storageKey }]
  ) {
    assert.throws(() => bob.unlock(wrong), (error) => {
      assert.ok(error instanceof InputError && error.field === "identity");
      assert.doesNotMatch(Deno.inspect(error), /SECRET-KEY/);
      return true;
    });
    assert.equal(bob.locked, true);
  }
  await assert.rejects(
    bob.backup("correct horse battery"),
    (error) => error instanceof SessionError && error.code === "store-locked",
  );
  bob.unlock(mine);
  bob.unlock(mine);
  assert.equal(terminalOf(await scene.sign(["alice", "bob"]), "bob").type, "done");
  await scene.clock.until(bob.stop());
  assert.throws(
    () => bob.unlock(mine),
    new InputError("node", "expected a running node, found a stopped one", { code: "wrong-state" }),
  );
});

Deno.test("sign() again with its id follows a coordinator that was locked meanwhile for as long as people are asked there", async () => {
  const answers: (() => void)[] = [];
  await using scene = await lockable({
    threshold: 2,
    consoles: ["eve"],
    node: () => ({
      approve: ({ kind }) =>
        kind === "sign"
          ? new Promise((resolve) => answers.push(() => resolve("accept")))
          : Promise.resolve("accept"),
    }),
  });
  const id = "5".repeat(32);
  const signers = scene.inOrder(["alice", "bob"]).map((name) => scene.peer(name));
  const ask = () =>
    scene.node("eve").sign({ wallet: "treasury", scheme: "ed25519", message: hello, id, signers });
  for (const name of ["alice", "bob"]) {
    lockWhen(scene, name, (event) => event.type === "proposed" && event.id === id);
  }
  await assert.rejects(scene.clock.until(ask().result), { code: "store-locked" });
  const coordinator = ["alice", "bob"].find((name) => scene.node(name).locked)!;
  await scene.clock.pass(1_000);
  unlock(scene, coordinator);
  answers.length = 0;
  const again = ask();
  const said = again.result.then(({ bytes }) => bytes.length, (error: SessionError) => error.code);
  await scene.clock.pass(90_000);
  for (let i = 0; i < 40; i++) {
    answers.splice(0).forEach((answer) => answer());
    await scene.clock.pass(100);
  }
  assert.equal(await scene.clock.until(said), 64);
});
