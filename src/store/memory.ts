/**
 * A store in memory, which is lost when the process ends.
 * @module
 */
import { StoreError } from "../errors.ts";
import type { Store } from "../ports.ts";
import { checkName, remembered } from "./rules.ts";

/** A {@linkcode Store} in memory, for tests and demonstrations. Nothing in it is durable. */
export function memoryStore(): Store {
  const records = new Map<string, { version: number; sealed: Uint8Array }>();
  const deleted = new Map<string, number>();
  let closed = false;

  function forget(name: string, version: number) {
    records.delete(name);
    deleted.set(name, version);
    const [oldest] = deleted.keys();
    if (deleted.size > remembered && oldest !== undefined) deleted.delete(oldest);
  }

  function swap(name: string, from: number | null, sealed: Uint8Array | null): boolean {
    const version = records.get(name)?.version ?? null;
    if (version !== from) return false;
    if (sealed !== null) {
      records.set(name, { version: 1 + (version ?? deleted.get(name) ?? 0), sealed: sealed.slice() });
      deleted.delete(name);
    } else if (version !== null) {
      forget(name, version);
    }
    return true;
  }

  const whileOpen = <T>(work: () => T) =>
    new Promise<T>((resolve) => {
      if (closed) throw new StoreError("Cannot use the store: it is closed");
      resolve(work());
    });

  return {
    get: (name) =>
      whileOpen(() => {
        checkName(name);
        const found = records.get(name);
        return found === undefined ? null : { version: found.version, sealed: found.sealed.slice() };
      }),
    swap: (name, from, sealed) =>
      whileOpen(() => {
        checkName(name);
        return swap(name, from, sealed);
      }),
    names: (prefix) =>
      whileOpen(() => {
        checkName(prefix);
        return [...records.keys()].filter((name) => name.startsWith(prefix)).sort();
      }),
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
}
