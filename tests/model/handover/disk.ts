/**
 * The disk of one peer of the model: its rows of keys, by name, as the product writes them.
 * @module
 */
import { StoreError } from "../../../src/errors.ts";
import { encodeRow, type KeyRow, rowName } from "../../../src/keystore/key_rows.ts";
import type { Rows } from "../../../src/keystore/rows.ts";

/** The rows of a disk. Two disks with the same rows are one and the same. */
export type Content = ReadonlyMap<string, Uint8Array>;

export class Disk implements Rows {
  #rows = new Map<string, { version: number; plain: Uint8Array }>();
  #version = 0;

  constructor(content: Content) {
    this.put(content);
  }

  /** Takes the place of everything that is on the disk. */
  put(content: Content): void {
    this.#rows = new Map([...content].map(([name, plain]) => [name, { version: ++this.#version, plain }]));
  }

  content(): Content {
    return new Map([...this.#rows].map(([name, { plain }]) => [name, plain]));
  }

  get(name: string): Promise<{ version: number; plain: Uint8Array } | null> {
    return Promise.resolve(this.#rows.get(name) ?? null);
  }

  swap(name: string, from: number | null, plain: Uint8Array | null): Promise<boolean> {
    if ((this.#rows.get(name)?.version ?? null) !== from) return Promise.resolve(false);
    if (plain === null) this.#rows.delete(name);
    else this.#rows.set(name, { version: ++this.#version, plain });
    return Promise.resolve(true);
  }

  names(prefix: string): Promise<string[]> {
    return Promise.resolve([...this.#rows.keys()].filter((name) => name.startsWith(prefix)));
  }

  erase(name: string): Promise<void> {
    if (!this.#rows.delete(name)) {
      return Promise.reject(new StoreError(`Cannot erase ${name}: it is not there`));
    }
    return Promise.resolve();
  }
}

/** A disk with other rows in the place of those of their sessions. */
export const withRows = (content: Content, ...rows: readonly KeyRow[]): Content =>
  new Map([...content, ...rows.map((row) => [rowName(row.session), encodeRow(row)] as const)]);

/** The same text for the same rows. */
export const textOf = (content: Content): string =>
  [...content].map(([name, plain]) => `${name}=${plain.toHex()}`).sort().join("\n");
