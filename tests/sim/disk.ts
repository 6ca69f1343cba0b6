/**
 * A disk that can go back to what was on it after any of its writes. Not a test by itself.
 * @module
 */
import type { Store } from "../../src/ports.ts";
import { memoryStore } from "../../src/store/memory.ts";

interface Write {
  /** Virtual time, ms. */
  at: number;
  name: string;
  sealed: Uint8Array | null;
}

export class Disk implements Store {
  readonly #now: () => number;
  #store = memoryStore();
  #before = new Map<string, Uint8Array>();
  #writes: Write[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  get(name: string) {
    return this.#store.get(name);
  }
  names(prefix: string) {
    return this.#store.names(prefix);
  }
  async swap(name: string, from: number | null, sealed: Uint8Array | null): Promise<boolean> {
    const done = await this.#store.swap(name, from, sealed);
    if (done) this.#writes.push({ at: this.#now(), name, sealed: sealed && sealed.slice() });
    return done;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** From here on every moment can be gone back to, and none before. */
  async mark(): Promise<void> {
    this.#before = new Map();
    for (const name of await this.names("")) this.#before.set(name, (await this.get(name))!.sealed);
    this.#writes = [];
  }

  /** The writes since the mark, oldest first. */
  get writes(): readonly Readonly<Write>[] {
    return this.#writes;
  }

  /** Puts back what was there after the first `kept` writes since the mark. */
  async goBack(kept: number): Promise<void> {
    const [store, writes] = [memoryStore(), this.#writes.slice(0, kept)];
    for (const [name, sealed] of this.#before) await store.swap(name, null, sealed);
    for (const { name, sealed } of writes) {
      await store.swap(name, (await store.get(name))?.version ?? null, sealed);
    }
    [this.#store, this.#writes] = [store, writes];
  }
}
