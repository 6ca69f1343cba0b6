/**
 * Disks that a test can copy, put back and look into. Not a test by itself.
 * @module
 */
import type { Identity, Store } from "../../src/ports.ts";
import { type KeyRow, readRow, type Rows } from "../../src/keystore/key_rows.ts";
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
  async copy(name: string): Promise<Store> {
    const [from, to] = [this.#disks.get(name)!, memoryStore()];
    for (const row of await from.names("")) await to.swap(row, null, (await from.get(row))!.sealed);
    return to;
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

export async function rowsIn(store: Store, identity: Identity): Promise<Rows> {
  return sealedRecords(store, await openDataKey(store, identity.secrets(), random), random);
}
