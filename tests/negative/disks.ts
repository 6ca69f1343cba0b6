/**
 * Disks that a test can copy, put back and look into. Not a test by itself.
 * @module
 */
import type { Identity, Store } from "../../src/ports.ts";
import { type KeyRow, readRow } from "../../src/keystore/key_rows.ts";
import type { Rows } from "../../src/keystore/rows.ts";
import { keyRows } from "../../src/keystore/row_names.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { type Fault, faultyStore } from "../store/fault_store.ts";
import type { Scene } from "./scene.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** A disk for each peer of a scene. */
export class Disks {
  readonly #disks = new Map<string, Store>();
  /** What a peer has its disk through: another after each start, for what has crashed stays so. */
  readonly #ways = new Map<string, { store: Store; faults: Fault[] }>();

  /** For `SceneOptions.store`. */
  readonly store = (name: string): Store => {
    this.#insert(name, memoryStore());
    const way = () => this.#ways.get(name)!.store;
    return {
      get: (row) => way().get(row),
      swap: (row, from, sealed) => way().swap(row, from, sealed),
      names: (prefix) => way().names(prefix),
      close: () => Promise.resolve(),
    };
  };

  #insert(name: string, disk: Store): void {
    const faults: Fault[] = [];
    this.#disks.set(name, disk);
    this.#ways.set(name, { store: faultyStore(disk, faults), faults });
  }

  /** From now on this goes wrong on a peer's disk. */
  fail(name: string, fault: Fault): void {
    this.#ways.get(name)!.faults.push(fault);
  }

  /** As it is at this moment. */
  copy(name: string): Promise<Store> {
    return copyOf(this.#disks.get(name)!);
  }

  /** A peer's process dies, its disk is another, and it starts again, or does so later. */
  async putBack(scene: Scene, name: string, disk: Store, { boot = true } = {}): Promise<void> {
    if (scene.cluster.nodes.has(name)) scene.cluster.kill(name);
    this.#insert(name, disk);
    if (boot) await scene.cluster.boot(name);
  }

  rows(name: string, identity: Identity): Promise<Rows> {
    return rowsIn(this.#disks.get(name)!, identity);
  }

  /** What a peer has on disk of the sessions that make keys. */
  async keyRows(scene: Scene, name: string): Promise<KeyRow[]> {
    const rows = await this.rows(name, scene.everyone(name).identity);
    const names = await rows.names(keyRows);
    return await Promise.all(names.map(async (row) => (await readRow(rows, row))!.row));
  }
}

/** A disk with the rows that another has at this moment. */
export async function copyOf(disk: Store): Promise<Store> {
  const copy = memoryStore();
  for (const name of await disk.names("")) await copy.swap(name, null, (await disk.get(name))!.sealed);
  return copy;
}

/** The rollbacks that a peer has reported: `alice rolled-back`. */
export const rollbacksOf = (scene: Scene, name: string): string[] =>
  scene.everyone(name).events.flatMap((event) =>
    event.type === "rollback" && event.peer === scene.peer(name)
      ? [`${scene.nameOf(event.other)} ${event.state}`]
      : []
  );

/** The rows on a disk, unsealed. */
export async function rowsIn(store: Store, identity: Identity): Promise<Rows> {
  return sealedRecords(store, await openDataKey(store, identity.secrets(), random), random);
}
