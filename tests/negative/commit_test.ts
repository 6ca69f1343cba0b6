import assert from "node:assert/strict";
import { type Cheat, saying } from "../../src/demo/cheats/cheat_wire.ts";
import { noVote, twoVotes, wrongVote } from "../../src/demo/cheats/session_cheats.ts";
import { voteRound } from "../../src/session/control.ts";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/ports.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import { assertFails, assertWorks, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

const all = ["alice", "bob", "carol"];

/** What a node says of a wallet. */
async function stateOf(scene: Scene, name: string, wallet: string) {
  const keys = await scene.node(name).keys();
  return keys.find((key) => key.wallet === wallet)?.state ?? "none";
}

/** What a node has told of a wallet, in order. */
function toldOf(scene: Scene, name: string, wallet: string): string[] {
  const { events, peer } = scene.everyone(name);
  return events.flatMap((event) =>
    event.type === "key" && event.peer === peer && event.wallet === wallet ? [event.state] : []
  );
}

/** The connections of a peer break and come back, so that it is asked again how it stands. */
async function meetAgain(scene: Scene, name: string): Promise<void> {
  for (const other of all) if (other !== name) scene.cluster.network.cut(scene.peer(name), scene.peer(other));
  await scene.clock.pass(3_000);
  await scene.cluster.linked();
  await scene.clock.pass(1_000);
}

Deno.test("generateKey() names who votes for another key, and the key is finished with its true vote", async () => {
  await using scene = await Scene.start();
  scene.arm("bob", wrongVote);
  const seen = await scene.generate("savings");
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, {
      code: "invalid-confirmation",
      culprits: ["bob"],
      phase: "committing",
      round: null,
      key: "pending",
    });
    assert.deepEqual(toldOf(scene, name, "savings")[0], "pending");
  }
  await meetAgain(scene, "bob");
  for (const name of all) assert.equal(await stateOf(scene, name, "savings"), "active", name);
  await assertWorks(scene);
});

Deno.test("generateKey() names who votes for two keys", async () => {
  await using scene = await Scene.start();
  scene.arm("bob", twoVotes);
  const seen = await scene.generate("savings");
  for (const name of ["alice", "carol"]) {
    const end = terminalOf(seen, name);
    // The first of the two is already for another key than everybody's: who looks at it before the second comes.
    assert.ok(end.type === "failed" && ["equivocation", "invalid-confirmation"].includes(end.code));
    assertFails(scene, seen, name, {
      code: end.code,
      culprits: ["bob"],
      phase: "committing",
      key: "pending",
    });
  }
  await assertWorks(scene);
});

Deno.test("generateKey() leaves a key pending, and safe from signing, until the last vote is there", async () => {
  await using scene = await Scene.start();
  const leaves: Cheat = {
    ...noVote,
    wrap: (wire, _about, { exit }) =>
      saying(wire, (said) => {
        if (said.round !== voteRound) return [said];
        exit();
        return [];
      }),
  };
  scene.arm("bob", leaves);
  const seen = await scene.generate("savings");
  for (const name of ["alice", "carol"]) {
    assertFails(scene, seen, name, {
      code: "wallet-pending",
      missing: ["bob"],
      phase: "committing",
      key: "pending",
    });
    assert.equal(await stateOf(scene, name, "savings"), "pending");
  }
  const request = { wallet: "savings", curve: "ed25519", message: new Uint8Array() } as const;
  assert.throws(() => scene.node("alice").sign(request), { name: "InputError", field: "wallet" });
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await scene.clock.pass(1_000);
  for (const name of all) assert.equal(await stateOf(scene, name, "savings"), "active", name);
  assert.deepEqual(toldOf(scene, "alice", "savings"), ["pending", "active"]);
  await assertWorks(scene);
});

interface FaultyScene extends AsyncDisposable {
  scene: Scene;
  inner: Store;
}

async function withFaults(faults: readonly Fault[]): Promise<FaultyScene> {
  const inner = memoryStore();
  const broken = faultyStore(inner, faults);
  const scene = await Scene.start({ store: (name) => name === "bob" ? broken : memoryStore() });
  return { scene, inner, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

Deno.test("generateKey() makes no key anywhere when one member cannot write its share, and blames nobody", async () => {
  await using made = await withFaults([{ on: "swap", name: /^key\//, nth: 2, then: "fail" }]);
  const { scene } = made;
  const seen = await scene.generate("savings");
  assertFails(scene, seen, "bob", { code: "store-failed", phase: "committing", key: "no-key" });
  for (const name of ["alice", "carol"]) {
    const end = terminalOf(seen, name);
    assert.ok(end.type === "failed");
    assert.deepEqual(end.culprits, []);
    assert.equal(end.code, "wallet-pending");
  }
  assert.equal(await stateOf(scene, "bob", "savings"), "none");
  await meetAgain(scene, "bob");
  for (const name of all) assert.equal(await stateOf(scene, name, "savings"), "none", name);
  await assertWorks(scene);
  const again = await scene.generate("savings");
  assert.ok(again.value, `the name is free again: ${again.error?.code}`);
});

Deno.test("generateKey() refuses a name while the store cannot say whether it is taken", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const { store } = scene.everyone("bob");
  const [name] = await store.names("key/");
  const row = (await store.get(name!))!;
  await store.swap(name!, row.version, row.sealed.with(40, row.sealed[40]! ^ 1));
  scene.cluster.kill("bob");
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  const before = await scene.rows("bob");
  const seen = await scene.generate("treasury", 2, { by: "bob" }).catch((error) => error);
  assert.ok(seen instanceof Error || seen.error, "no second key of that name");
  const other = await scene.generate("other");
  assert.equal(other.error?.code, "declined");
  assert.deepEqual(other.error?.claims, [{ by: scene.peer("bob"), code: "store-failed", peers: [] }]);
  assert.deepEqual(await scene.rows("bob"), before);
});

for (const then of ["crash-before", "crash-after"] as const) {
  for (const nth of [1, 2, 3]) {
    Deno.test(`generateKey() loses no key when a process dies: ${then} of write ${nth} of its row`, async () => {
      await using scene = await crashing({ on: "swap", name: /^key\//, nth, then });
      const end = await stateOf(scene, "alice", "savings");
      for (const name of all) assert.equal(await stateOf(scene, name, "savings"), end, name);
      assert.equal(end, then === "crash-before" && nth === 2 || nth === 1 ? "none" : "active");
      await assertWorks(scene);
      if (end !== "active") return;
      const signed = await scene.sign(["alice", "bob"], { wallet: "savings" });
      assert.ok(signed.value, signed.error?.code);
    });
  }
}

/** Bob's store dies so in a key generation, and bob with it; then bob is started again with what is on disk. */
async function crashing(fault: Fault): Promise<Scene> {
  const inner = memoryStore();
  const broken = faultyStore(inner, [fault]);
  let alive: Store = broken;
  const store: Store = {
    get: (name) => alive.get(name),
    swap: async (name, from, sealed) => {
      try {
        return await alive.swap(name, from, sealed);
      } finally {
        if (broken.crashed && alive === broken && scene?.cluster.nodes.has("bob")) scene.cluster.kill("bob");
      }
    },
    names: (prefix) => alive.names(prefix),
    close: () => Promise.resolve(),
  };
  let scene: Scene | null = null;
  scene = await Scene.start({ store: (name) => name === "bob" ? store : memoryStore() });
  await scene.generate("savings");
  assert.ok(broken.crashed);
  alive = inner;
  await scene.cluster.boot("bob");
  await scene.cluster.linked();
  await scene.clock.pass(1_000);
  return scene;
}

Deno.test("generateKey() lets at most one of two at once have a name, and the loser hears why", async () => {
  await using scene = await Scene.start();
  const request = { wallet: "savings", curve: "ed25519", threshold: 2 } as const;
  const both = ["alice", "carol"].map((name) => scene.node(name).generateKey(request).result);
  const ended = await scene.clock.until(Promise.allSettled(both));
  const made = ended.filter(({ status }) => status === "fulfilled");
  assert.ok(made.length <= 1);
  for (const one of ended) {
    if (one.status === "fulfilled") continue;
    const { code, claims, culprits } = one.reason;
    assert.deepEqual(culprits, []);
    const said = [code, ...claims.map((claim: { code: string }) => claim.code)];
    assert.ok(said.some((word) => /wallet-(busy|exists)/.test(word)), said.join());
  }
  await scene.clock.pass(1_000);
  const states = await Promise.all(all.map((name) => stateOf(scene, name, "savings")));
  assert.deepEqual(states, Array(3).fill(made.length === 1 ? "active" : "none"));
  if (made.length === 0) assert.ok((await scene.generate("savings")).value, "the name is still free");
  await assertWorks(scene);
});
