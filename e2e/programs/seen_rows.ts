/**
 * The rows of keys in the store of this process, opened: what a test knows them by.
 * @module
 */
import { type KeyRow, readRow, type RowState } from "../../src/keystore/key_rows.ts";
import { keyRows } from "../../src/keystore/row_names.ts";
import type { IdentitySecrets, Random, Store } from "../../src/ports.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";

/** A row of a key, as far as it matters what became of it. */
export interface SeenRow {
  state: RowState;
  /** Empty for a row without a key. */
  wallet: string;
  /** 0 for a row without a key. */
  epoch: number;
}

export class SeenRows {
  #dataKey: Promise<Uint8Array> | null = null;

  constructor(readonly store: Store, readonly secrets: IdentitySecrets, readonly random: Random) {}

  /** Opens a row of a key, which is not in the store, or not yet. @throws {StoreError} */
  async read(name: string, sealed: Uint8Array): Promise<KeyRow> {
    this.#dataKey ??= openDataKey(this.store, this.secrets, this.random);
    const one = { ...this.store, get: () => Promise.resolve({ version: 0, sealed }) };
    return (await readRow(sealedRecords(one, await this.#dataKey, this.random), name))!.row;
  }

  /** All rows of keys. @throws {StoreError} */
  async all(): Promise<SeenRow[]> {
    const all: SeenRow[] = [];
    for (const name of await this.store.names(keyRows)) {
      const found = await this.store.get(name);
      if (found === null) continue;
      const { state, key } = await this.read(name, found.sealed);
      all.push({ state, wallet: key?.wallet ?? "", epoch: key?.epoch ?? 0 });
    }
    return all;
  }
}
