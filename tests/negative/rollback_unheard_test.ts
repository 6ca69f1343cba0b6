/**
 * Disks that go back, and whose nodes then meet nobody, or only who does not know or does not say what they were.
 */
import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import type { Store } from "../../src/ports.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { asBackup, restoredTo } from "./backup_of.ts";
import { Disks } from "./disks.ts";
import { Scene } from "./scene.ts";

async function start(): Promise<{ scene: Scene; disks: Disks }> {
  const disks = new Disks();
  return { scene: await Scene.start({ threshold: 2, store: disks.store }), disks };
}

const rollbacks = (scene: Scene, name: string) =>
  scene.everyone(name).events.flatMap((event: NodeEvent) =>
    event.type === "rollback" && event.peer === scene.peer(name)
      ? [`${scene.nameOf(event.other)} ${event.state}`]
      : []
  );

/** Whom a peer's own word names for a yes and a no. */
const named = (scene: Scene, name: string) =>
  scene.everyone(name).events.flatMap((event: NodeEvent) =>
    event.type === "contradiction" ? [scene.nameOf(event.culprit)] : []
  );

/** A peer starts so many times, meets nobody, and meets all again after the last. */
async function alone(scene: Scene, name: string, starts: number): Promise<void> {
  const { cluster, clock } = scene;
  cluster.network.reachable((x, y) => ![x, y].includes(scene.peer(name)));
  for (let i = 0; i < starts; i++) {
    if (cluster.nodes.has(name)) cluster.kill(name);
    await clock.pass(500);
    await cluster.boot(name);
    await clock.pass(500);
  }
  cluster.network.reachable(() => true);
}

for (const starts of [1, 4, 20]) {
  Deno.test(`A disk that goes back is noticed after ${starts} starts in which its node met nobody`, async () => {
    const { scene, disks } = await start();
    await using _scene = scene;
    const before = await disks.copy("alice");
    await scene.generate("savings", 2); // what the copy lacks
    await scene.clock.pass(6_000);
    await disks.putBack(scene, "alice", before, { boot: false });
    await alone(scene, "alice", starts);
    await scene.clock.pass(30_000);
    assert.equal(scene.node("alice").rolledBack, "rolled-back");
    assert.equal(rollbacks(scene, "bob").at(-1), "alice rolled-back");
  });
}

Deno.test("A disk that goes back is noticed by the first that knows, also after keys with one that does not", async () => {
  const { scene, disks } = await start();
  await using _scene = scene;
  const { cluster, clock } = scene;
  cluster.kill("carol"); // she does not hear what comes; a liar would hide it
  await clock.pass(1_000);
  const before = await disks.copy("alice");
  await scene.generate("savings", 2, { members: ["alice", "bob"] });
  await clock.pass(6_000);
  await disks.putBack(scene, "alice", before, { boot: false });
  cluster.network.reachable((x, y) => ![x, y].includes(scene.peer("bob")));
  await cluster.boot("alice");
  await cluster.boot("carol");
  await clock.pass(6_000);
  for (const name of ["one", "two"]) {
    assert.equal((await scene.generate(name, 2, { by: "carol", members: ["alice", "carol"] })).error, null);
  }
  assert.equal(scene.node("alice").rolledBack, null, "she could not know");
  cluster.network.reachable(() => true);
  await clock.pass(30_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
});

/** Carol never votes, and alice's disk is as it was between the opening and her vote. */
async function votedSince() {
  const disks = new Map<string, Store>();
  const writes = new Map<string, number>();
  let copy: Store | null = null;
  let armed = false;
  const scene = await Scene.start({
    threshold: 2,
    store(name) {
      disks.set(name, memoryStore());
      const disk = () => disks.get(name)!;
      return {
        get: (row) => disk().get(row),
        async swap(row, from, sealed) {
          if (armed && row.startsWith("key/")) {
            const nth = (writes.get(name) ?? 0) + 1;
            writes.set(name, nth);
            if (name === "alice" && nth === 2) copy ??= await copyOf(disk());
            if (name === "carol" && nth === 2) await new Promise(() => {});
          }
          return await disk().swap(row, from, sealed);
        },
        names: (prefix) => disk().names(prefix),
        close: () => Promise.resolve(),
      };
    },
  });
  const backup = await asBackup(scene, "alice", disks.get("alice")!);
  armed = true;
  const { result } = scene.node("bob").generateKey({ wallet: "savings", curve: "ed25519", threshold: 2 });
  const code = await scene.clock.until(result.then(() => null, ({ code }) => code));
  assert.equal(code, "wallet-pending");
  await scene.clock.pass(6_000);
  for (const name of ["alice", "carol"]) scene.cluster.kill(name);
  await scene.clock.pass(1_000);
  disks.set("alice", copy!);
  return { scene, backup, disk: copy! as Store };
}

async function copyOf(disk: Store): Promise<Store> {
  const copy = memoryStore();
  for (const name of await disk.names("")) await copy.swap(name, null, (await disk.get(name))!.sealed);
  return copy;
}

for (const starts of [1, 4]) {
  Deno.test(`Whose disk went back past its vote is not named for a yes and a no after ${starts} starts in which it met nobody`, async () => {
    const { scene } = await votedSince();
    await using _scene = scene;
    await alone(scene, "alice", starts);
    await scene.clock.pass(60_000);
    assert.deepEqual(named(scene, "bob"), []);
    assert.equal(scene.node("alice").rolledBack, "rolled-back");
  });
}

Deno.test("Whose disk went back past its vote, and was then mended from a backup, is not named for a yes and a no", async () => {
  const { scene, backup, disk } = await votedSince();
  await using _scene = scene;
  await restoredTo(disk, backup);
  await scene.cluster.boot("alice");
  await scene.clock.pass(60_000);
  assert.deepEqual(named(scene, "bob"), []);
  const pending = (await scene.node("bob").keys()).find(({ wallet }) => wallet === "savings");
  assert.equal(pending?.state, "pending", "nobody has said no");
  assert.equal(scene.node("alice").rolledBack, "restored", "carol is away");
});

Deno.test("A disk that is known to have gone back stays so when a backup is put over it, until its operator's word", async () => {
  const { scene, disks } = await start();
  await using _scene = scene;
  const before = await disks.copy("alice");
  const backup = await asBackup(scene, "alice", before);
  await scene.generate("savings", 2);
  await scene.clock.pass(6_000);
  await disks.putBack(scene, "alice", before);
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
  scene.cluster.kill("alice");
  const mended = await disks.copy("alice");
  await restoredTo(mended, backup);
  await disks.putBack(scene, "alice", mended);
  await scene.clock.pass(30_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
  await scene.clock.until(scene.node("alice").confirmRestored());
  await scene.clock.pass(6_000);
  assert.equal(rollbacks(scene, "bob").at(-1), "alice over");
  assert.equal((await scene.sign(["alice", "bob"])).error, null);
});

for (const ahead of [0, 86_400_000]) {
  Deno.test(`A disk that goes back twice is noticed twice, with a clock ${ahead} ms ahead at the operator's word`, async () => {
    const { scene, disks } = await start();
    await using _scene = scene;
    const { clock, cluster } = scene;
    const first = await disks.copy("alice");
    await scene.generate("savings", 2);
    await clock.pass(6_000);
    await disks.putBack(scene, "alice", first);
    await clock.pass(6_000);
    assert.equal(scene.node("alice").rolledBack, "rolled-back");
    cluster.setClock("alice", ahead);
    await clock.until(scene.node("alice").confirmRestored());
    await clock.pass(6_000);
    cluster.setClock("alice", 0);
    await clock.pass(20_000);
    assert.equal(rollbacks(scene, "bob").at(-1), "alice over");
    const second = await disks.copy("alice");
    assert.equal((await scene.generate("more", 2)).error, null);
    await clock.pass(6_000);
    await disks.putBack(scene, "alice", second);
    await clock.pass(20_000);
    assert.equal(scene.node("alice").rolledBack, "rolled-back");
    assert.equal(rollbacks(scene, "bob").at(-1), "alice rolled-back");
    // And to before the operator's word.
    await clock.until(scene.node("alice").confirmRestored());
    await clock.pass(6_000);
    assert.equal(rollbacks(scene, "bob").at(-1), "alice over");
    await disks.putBack(scene, "alice", first);
    await clock.pass(20_000);
    assert.equal(scene.node("alice").rolledBack, "rolled-back");
  });
}

Deno.test("A mark that does not open says the worst, and its operator's word is written over it", async () => {
  const { scene, disks } = await start();
  await using _scene = scene;
  scene.cluster.kill("alice");
  const disk = await disks.copy("alice");
  assert.ok(await disk.swap("restored", null, new Uint8Array([1, 2, 3])));
  await disks.putBack(scene, "alice", disk);
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
  await assert.doesNotReject(scene.clock.until(scene.node("alice").confirmRestored()));
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, null);
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, null, "it is on disk");
});
