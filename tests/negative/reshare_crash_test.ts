import assert from "node:assert/strict";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/ports.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import type { Scheme } from "../../src/events.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { toySharings, toyVault } from "../sim/toy_vault.ts";
import { rowsIn } from "./disks.ts";
import { type KeyRow, readRow } from "../../src/keystore/key_rows.ts";
import { after, assertSigns, before, handOver, withTreasury } from "./reshare_scene.ts";
import type { Scene } from "./scene.ts";

/** A disk that can be told to fail; whoever it belongs to dies with it. */
class FragileDisk implements Store {
  readonly inner = memoryStore();
  #faulty = faultyStore(this.inner, []);
  #alive: Store = this.#faulty;
  /** Called as the disk crashes. */
  die = () => {};

  breakAt(fault: Fault): void {
    this.#alive = this.#faulty = faultyStore(this.inner, [fault]);
  }

  mend(): void {
    this.#alive = this.inner;
  }

  get crashed(): boolean {
    return this.#faulty.crashed;
  }

  get(name: string) {
    return this.#alive.get(name);
  }

  async swap(...args: Parameters<Store["swap"]>) {
    const alive = this.#alive;
    try {
      return await alive.swap(...args);
    } finally {
      if (alive === this.#faulty && this.#faulty.crashed) this.die();
    }
  }

  names(prefix: string) {
    return this.#alive.names(prefix);
  }

  close() {
    return Promise.resolve();
  }
}

/** The states of the rows of later epochs on a disk. */
async function statesOn(scene: Scene, name: string, disk: Store): Promise<KeyRow["state"][]> {
  const rows = await rowsIn(disk, scene.everyone(name).identity);
  const all = await Promise.all(
    (await rows.names("key/")).map(async (row) => (await readRow(rows, row))!.row),
  );
  return all.filter(({ session }) => session.toHex() !== scene.key.session).map(({ state }) => state);
}

/** Every share on a disk has the state of its pairs beside it, and no other pairs are there. */
async function assertPairs(scene: Scene, name: string, disk: Store): Promise<void> {
  const rows = await rowsIn(disk, scene.everyone(name).identity);
  const due: string[] = [];
  for (const row of await rows.names("key/")) {
    const { key, share, session } = (await readRow(rows, row))!.row;
    if (share.length === 0 || !schemes[key!.scheme].pairwise) continue;
    const others = key!.members.filter((peer) => peer !== scene.peer(name));
    due.push(...others.map((peer) => `pair/${session.toHex()}/${peer}`));
  }
  assert.deepEqual((await rows.names("pair/")).sort(), due.sort(), name);
}

interface Death {
  name: string;
  scheme: Scheme;
  /** The prefix of the rows at whose writes the peer dies. */
  of: "key/" | "pair/";
  /** The number of those writes. */
  writes: number;
  /** The states of the new epoch's row in which it dies. */
  states: readonly KeyRow["state"][];
}

const leaving = ["opened", "released", "known"] as const;
const staying = ["opened", "released", "pending", "active"] as const;
const deaths: readonly Death[] = [
  { name: "alice", scheme: "ed25519", of: "key/", writes: 5, states: leaving },
  { name: "bob", scheme: "ed25519", of: "key/", writes: 5, states: staying },
  { name: "carol", scheme: "ed25519", of: "key/", writes: 5, states: leaving },
  { name: "dave", scheme: "ed25519", of: "key/", writes: 5, states: ["opened", "released", "pending"] },
  { name: "alice", scheme: "ecdsa", of: "pair/", writes: 2, states: ["known"] },
  { name: "bob", scheme: "ecdsa", of: "pair/", writes: 3, states: ["opened", "active"] },
  { name: "dave", scheme: "ecdsa", of: "pair/", writes: 1, states: ["opened"] },
];

for (const { name, scheme, of, writes, states } of deaths) {
  for (const then of ["crash-before", "crash-after"] as const) {
    Deno.test(`reshare() loses no ${scheme} key when ${name} dies, ${then} of any write of ${of}`, async () => {
      // Real pairs take seconds for each run, and their rows are the same.
      using _toys = scheme === "ecdsa" ? toySharings() : null;
      const by = name === "alice" ? "bob" : "alice";
      const ended: string[] = [], seen = new Set<string>();
      for (let nth = 1; nth <= writes; nth++) {
        const disk = new FragileDisk();
        await using scene = await withTreasury({
          scheme,
          store: (peer) => peer === name ? disk : memoryStore(),
          ...(scheme === "ecdsa" && { vault: ({ peer }, random, clock) => toyVault(peer, random, clock) }),
        });
        disk.die = () => scene.cluster.nodes.has(name) && scene.cluster.kill(name);
        disk.breakAt({ on: "swap", name: new RegExp(`^${of}`), nth, then });
        const { value } = await handOver(scene, by);
        await scene.clock.pass(3_000);
        const state = (await statesOn(scene, name, disk.inner)).join();
        assert.ok(disk.crashed, `there is a write ${nth}, after ${ended}`);
        disk.mend();
        await scene.cluster.boot(name);
        await scene.cluster.linked();
        await scene.clock.pass(15_000);
        const current = (await scene.node("bob").keys()).find(({ state }) => state !== "pending");
        const epoch = current!.epoch;
        if (value) assert.equal(epoch, 2, "what is done stays done");
        seen.add(state);
        ended.push(`${nth} ${state || "none"}: ${epoch}`);
        await assertPairs(scene, name, disk.inner);
        await assertSigns(scene, epoch === 2 ? after : before, epoch);
        if (epoch === 2) continue;
        const again = await handOver(scene, by);
        assert.equal(
          again.value?.epoch,
          2,
          `${nth}: ${again.error?.code} ${JSON.stringify(again.error?.claims)}`,
        );
      }
      for (const state of states) assert.ok(seen.has(state), `${state}: ${ended}`);
      assert.equal(seen.has("pending"), states.includes("pending"), ended.join());
    });
  }
}
