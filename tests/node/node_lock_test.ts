import assert from "node:assert/strict";
import { createNode, memoryStore, SessionError, signRoster } from "../../mod.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { pause } from "../../src/session/deadline.ts";
import { memoryNetwork } from "../../src/transport/memory/memory.ts";
import { spawnWorker } from "../../src/worker/spawn_worker.ts";
import { counted } from "../worker/counted_workers.ts";
import { Pair } from "./pair.ts";

Deno.test("createNode() makes a node that can be locked with its worker, and signs again when unlocked", async () => {
  await using pair = await Pair.start();
  const { alice, bob } = pair;
  const wallet = { wallet: "treasury", scheme: "ed25519" } as const;
  const sign = () => alice.sign({ ...wallet, message: Uint8Array.of(1) }).result;
  await alice.generateKey({ ...wallet, threshold: 2 }).result;
  assert.equal((await sign()).bytes.length, 64);
  await bob.lock();
  await assert.rejects(sign(), (error) => {
    assert.ok(error instanceof SessionError);
    assert.deepEqual(error.claims.map(({ by, code }) => [by, code]), [[bob.self, "store-locked"]]);
    return true;
  });
  bob.unlock(pair.secrets());
  assert.equal((await sign()).bytes.length, 64);
  assert.equal((await bob.backupState()).uncovered.length, 1);
});

Deno.test("createNode() makes and opens backups in workers of their own, and its thread goes on", async () => {
  const [admin, identity] = await Promise.all([newIdentity(platformRandom), newIdentity(platformRandom)]);
  const alice = { peer: identity.peer, name: "Alice", addresses: [], rights: ["holder"] as const };
  const { spawn: startWorker, running } = counted(spawnWorker);
  const node = await createNode({
    approve: "roster",
    identity,
    roster: await signRoster(admin, [alice], null),
    store: memoryStore(),
    transport: memoryNetwork({ clock: platformClock }).transport(),
    startWorker,
  });
  /** How often this thread gets to something else while `work` is done. */
  async function ticksDuring<T>(work: Promise<T>): Promise<{ ticks: number; value: T }> {
    let ticks = 0;
    const ticking = setInterval(() => running.size === 2 && ticks++, 5);
    try {
      const value = await work;
      return { ticks, value };
    } finally {
      clearInterval(ticking);
    }
  }
  try {
    const made = await ticksDuring(node.backup("correct horse battery"));
    const read = await ticksDuring(node.confirmBackup(made.value, "correct horse battery"));
    for (const { ticks } of [made, read]) assert.ok(ticks >= 10, `${ticks} ticks`);
    assert.equal(running.size, 1, "the shares' own");
    assert.notEqual((await node.backupState()).at, null);
  } finally {
    await node.stop();
    await pause(platformClock, 200);
  }
  assert.equal(running.size, 0);
});
