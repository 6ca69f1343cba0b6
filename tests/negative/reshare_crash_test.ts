import assert from "node:assert/strict";
import { memoryStore } from "../../src/store/memory.ts";
import type { Store } from "../../src/ports.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
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

for (const [name, writes] of [["bob", 5], ["dave", 5], ["carol", 4]] as const) {
  for (const then of ["crash-before", "crash-after"] as const) {
    Deno.test(`reshare() loses no key when ${name} dies, ${then} of any write of a key's row`, async () => {
      const ended: string[] = [], states = new Set<string>();
      for (let nth = 1; nth <= writes; nth++) {
        const disk = new FragileDisk();
        await using scene = await withTreasury({ store: (peer) => peer === name ? disk : memoryStore() });
        disk.die = () => scene.cluster.nodes.has(name) && scene.cluster.kill(name);
        disk.breakAt({ on: "swap", name: /^key\//, nth, then });
        const { value } = await handOver(scene);
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
        states.add(state);
        ended.push(`${nth} ${state || "none"}: ${epoch}`);
        await assertSigns(scene, epoch === 2 ? after : before, epoch);
        if (epoch === 2) continue;
        const again = await handOver(scene);
        assert.equal(
          again.value?.epoch,
          2,
          `${nth}: ${again.error?.code} ${JSON.stringify(again.error?.claims)}`,
        );
      }
      assert.ok(states.has("opened") && states.has("released"), ended.join());
      assert.equal(states.has("pending"), name !== "carol", ended.join());
    });
  }
}
