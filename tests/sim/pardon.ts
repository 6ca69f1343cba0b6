/**
 * Takes back what a signature that failed has left behind for good: bans, erased pairs, counted failures. The product
 * cannot; tests that let a pair fail twice must. Not a test by itself.
 * @module
 */
import type { Store } from "../../src/ports.ts";
import type { Cluster } from "./cluster.ts";

const lasting = ["ban/", "pair/", "frozen/"];

/** What a store holds of that, by name. */
export type Clean = ReadonlyMap<string, Uint8Array>;

export async function lastingRows(store: Store): Promise<Clean> {
  const rows = new Map<string, Uint8Array>();
  for (const prefix of lasting) {
    for (const name of await store.names(prefix)) rows.set(name, (await store.get(name))!.sealed);
  }
  return rows;
}

/** What is not as it was. */
export async function marks(store: Store, before: Clean): Promise<string[]> {
  const now = await lastingRows(store);
  const names = new Set([...before.keys(), ...now.keys()]);
  return [...names].filter((name) => before.get(name)?.toHex() !== now.get(name)?.toHex());
}

/**
 * Starts peers again with a disk as it was before; with a ban on one of them, everybody, since the others would hand it
 * back.
 *
 * @param before What each was, by its peer's name.
 * @param died Told of each that ends for it.
 * @returns Who was started again.
 */
export async function pardon(
  cluster: Cluster,
  before: ReadonlyMap<string, Clean>,
  died: (name: string) => void = () => {},
): Promise<string[]> {
  const changed = new Map<string, string[]>();
  for (const [name, clean] of before) {
    const rows = await marks(cluster.at(name).store, clean);
    if (rows.length > 0) changed.set(name, rows);
  }
  if (changed.size === 0) return [];
  const banned = [...changed.values()].flat().some((row) => row.startsWith("ban/"));
  const names = banned ? [...cluster.nodes.keys()] : [...changed.keys()];
  const stores = new Map(names.map((name) => [name, cluster.at(name).store]));
  for (const name of names) {
    cluster.kill(name);
    died(name);
  }
  for (const [name, store] of stores) {
    for (const row of changed.get(name) ?? []) {
      const found = await store.get(row);
      await store.swap(row, found?.version ?? null, before.get(name)!.get(row) ?? null);
    }
    for (const row of await store.names("reported-ban/")) {
      await store.swap(row, (await store.get(row))!.version, null);
    }
  }
  for (const name of names) await cluster.boot(name);
  await cluster.linked();
  return names;
}
