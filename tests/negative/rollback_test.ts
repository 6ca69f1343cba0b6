import assert from "node:assert/strict";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { historyRecord } from "../../src/cluster/rollback/rollbacks.ts";
import { signRoster } from "../../src/cluster/roster/roster.ts";
import { wrongProof } from "../../src/demo/cheats/dealer_cheats.ts";
import type { Store } from "../../src/ports.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { asBackup, restoredTo } from "./backup_of.ts";
import { inPlaceOf, next, reach } from "./raw_peer.ts";
import { copyOf, rollbacksOf } from "./disks.ts";
import { Scene } from "./scene.ts";

/** A scene whose disks can be taken out and put back. */
async function withDisks(options: { names?: readonly string[]; threshold?: number } = {}) {
  const disks = new Map<string, Store>();
  const scene = await Scene.start({
    threshold: 2,
    ...options,
    store(name) {
      disks.set(name, memoryStore());
      const disk = () => disks.get(name)!;
      return {
        get: (row) => disk().get(row),
        swap: (row, from, sealed) => disk().swap(row, from, sealed),
        names: (prefix) => disk().names(prefix),
        close: () => Promise.resolve(),
      };
    },
  });
  return { scene, disks };
}

/** Alice's backup as it would be now. */
const backupOf = ({ scene, disks }: Awaited<ReturnType<typeof withDisks>>) =>
  asBackup(scene, "alice", disks.get("alice")!);

async function restored(backup: Uint8Array): Promise<Store> {
  const store = memoryStore();
  await restoredTo(store, backup);
  return store;
}

/** The code with which a signature of these ends, or null. */
async function codeOf(scene: Scene, signers: readonly string[], by = signers[0]!) {
  const { error } = await scene.sign(signers, { by });
  const claims = error?.claims.map(({ code }) => code) ?? [];
  return error && (error.code === "declined" ? `declined ${claims}` : error.code);
}

// The audit's F: carol was removed, alice is restored from a backup of before, and bob is away for a minute.
Deno.test("A node restored from a backup takes no session before it was compared with the others, so that who was removed meanwhile gets none", async () => {
  const here = await withDisks();
  const { scene, disks } = here;
  await using _scene = scene;
  const { cluster } = scene;
  const backup = await backupOf(here);
  const before = cluster.roster;
  const carolsDisk = await copyOf(disks.get("carol")!);
  for (const name of scene.names) cluster.kill(name);
  const peers = before.peers.filter(({ name }) => name !== "carol");
  const second = await signRoster(cluster.admin, peers, before);
  cluster.roster = second;
  await cluster.boot("bob");
  await scene.clock.pass(1_000);
  cluster.roster = before;
  disks.set("alice", await restored(backup));
  disks.set("carol", carolsDisk);
  cluster.network.reachable((a, b) => ![a, b].includes(scene.peer("bob")));
  await cluster.boot("alice");
  await cluster.boot("carol");
  await scene.clock.pass(10_000);
  assert.equal(scene.node("alice").rolledBack, "restored");
  assert.equal(await codeOf(scene, ["carol", "alice"]), "declined restored");
  assert.equal(await codeOf(scene, ["alice", "carol"]), "restored");
  // Bob is back, and hands over the roster.
  cluster.network.reachable(() => true);
  await scene.clock.pass(30_000);
  assert.equal(scene.node("alice").roster.version, 2);
  assert.equal(scene.node("alice").rolledBack, null);
  assert.ok(!scene.node("alice").peers.has(scene.peer("carol")));
  assert.equal(await codeOf(scene, ["alice", "bob"]), null);
  assert.deepEqual(rollbacksOf(scene, "alice"), ["alice over"], "that it began was told before anybody read");
  assert.deepEqual(rollbacksOf(scene, "bob").at(-1) ?? "alice over", "alice over");
});

Deno.test("A restored node signs once it was compared with as many others as sign, and not with fewer, or at its operator's word", async () => {
  const here = await withDisks({ names: ["alice", "bob", "carol", "dave"] });
  const { scene, disks } = here;
  await using _scene = scene;
  const backup = await backupOf(here);
  for (const confirmed of [false, true]) {
    scene.cluster.kill("alice");
    await scene.clock.pass(1_000);
    disks.set("alice", await restored(backup));
    const away = [scene.peer("carol"), scene.peer("dave")];
    scene.cluster.network.reachable((a, b) => !away.includes(a) && !away.includes(b));
    await scene.cluster.boot("alice");
    await scene.clock.pass(10_000);
    const { node } = scene.everyone("alice");
    assert.equal(await codeOf(scene, ["bob", "alice"]), "declined restored");
    if (confirmed) await scene.clock.until(node.confirmRestored());
    else scene.cluster.network.reachable((a, b) => ![a, b].includes(scene.peer("dave")));
    await scene.clock.pass(20_000);
    assert.equal(node.rolledBack, null);
    assert.equal(await codeOf(scene, ["bob", "alice"]), null);
    scene.cluster.network.reachable(() => true);
    await scene.clock.pass(20_000);
    assert.equal(await codeOf(scene, ["dave", "alice"]), null, "who met it later has nothing against it");
    await assert.rejects(node.confirmRestored(), { name: "InputError", field: "node" });
  }
});

Deno.test("A disk that goes back is noticed by all who knew its later state, and nobody signs with it until its operator says so", async () => {
  const { scene, disks } = await withDisks();
  await using _scene = scene;
  const before = await copyOf(disks.get("alice")!);
  await scene.generate("savings", 2); // what the copy lacks
  await scene.clock.pass(6_000);
  scene.cluster.kill("alice");
  await scene.clock.pass(1_000);
  for (const name of ["bob", "carol"]) { // who remembers does so over a restart
    scene.cluster.kill(name);
    await scene.cluster.boot(name);
  }
  await scene.cluster.linked();
  disks.set("alice", before);
  await scene.cluster.boot("alice");
  await scene.clock.pass(6_000);
  const { node } = scene.everyone("alice");
  assert.equal(node.rolledBack, "rolled-back");
  for (const name of ["bob", "carol"]) {
    assert.deepEqual(rollbacksOf(scene, name), ["alice rolled-back"], name);
    assert.equal(scene.node(name).peers.get(scene.peer("alice"))!.rolledBack, true);
    const { error } = await scene.sign([name, "alice"], { by: name });
    assert.deepEqual([error?.code, error?.missing], ["restored", [scene.peer("alice")]]);
  }
  assert.equal(await codeOf(scene, ["alice", "bob"]), "restored");
  assert.equal(await codeOf(scene, ["bob", "carol"]), null, "the others go on");
  // That lasts over its restart, until somebody looks.
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
  await scene.clock.until(scene.node("alice").confirmRestored());
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, null);
  assert.deepEqual(rollbacksOf(scene, "bob"), ["alice rolled-back", "alice over"]);
  assert.equal(await codeOf(scene, ["bob", "alice"]), null);
  // And what has been confirmed is no rollback later.
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, null);
});

Deno.test("A disk that goes back past a key that was never made, of which nothing is told, is noticed too", async () => {
  const { scene, disks } = await withDisks();
  await using _scene = scene;
  const before = await copyOf(disks.get("alice")!);
  scene.arm("carol", wrongProof, { once: true });
  const { error } = await scene.generate("savings", 2);
  assert.deepEqual(error?.culprits, [scene.peer("carol")]);
  const { events, peer } = scene.everyone("alice");
  const told = events.filter((event) => event.type === "key" && event.peer === peer);
  assert.deepEqual(told.filter((event) => "wallet" in event && event.wallet === "savings"), []);
  await scene.clock.pass(6_000);
  scene.cluster.kill("alice");
  await scene.clock.pass(1_000);
  disks.set("alice", before);
  await scene.cluster.boot("alice");
  await scene.clock.pass(6_000);
  assert.equal(scene.node("alice").rolledBack, "rolled-back");
  assert.deepEqual(rollbacksOf(scene, "bob"), ["alice rolled-back"]);
});

Deno.test("Nobody is said to have gone back after restarts, crashes and keys, and nobody but a node itself can say so of it", async () => {
  const { scene } = await withDisks();
  await using _scene = scene;
  for (let i = 0; i < 3; i++) {
    for (const name of scene.names) {
      scene.cluster.kill(name);
      await scene.cluster.boot(name);
      await scene.clock.pass(500);
    }
    await scene.cluster.linked();
    await scene.generate();
  }
  // Carol shows alice what carol has signed, as if it were alice's word.
  const carol = await inPlaceOf(scene, "carol");
  const channel = await reach(scene, carol, "alice", protocols.sync);
  const { encode } = await import("cborg");
  const { helloOf } = await import("./raw_peer.ts");
  const forged = await helloOf(scene, carol.identity, { peer: scene.peer("alice"), store: 1_000 });
  const shown = historyRecord.encode({ seen: [forged] });
  await channel.send(encode(["quorate/1/sync-question", "history", shown]));
  await next(scene, channel);
  await scene.clock.pass(5_000);
  for (const name of ["alice", "bob"]) {
    assert.equal(scene.node(name).rolledBack, null);
    assert.deepEqual(rollbacksOf(scene, name), [], name);
  }
});
