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
 * Starts a peer again with a disk as it was before. Others still show what they have heard of its bans.
 *
 * @returns Whether there was anything to take back.
 */
export async function pardon(cluster: Cluster, name: string, before: Clean): Promise<boolean> {
  const { store } = cluster.at(name);
  const changed = await marks(store, before);
  if (changed.length === 0) return false;
  cluster.kill(name);
  for (const row of changed) {
    const found = await store.get(row);
    await store.swap(row, found?.version ?? null, before.get(row) ?? null);
  }
  await cluster.boot(name);
  await cluster.linked();
  return true;
}
