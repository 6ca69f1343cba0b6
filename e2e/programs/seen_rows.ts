/**
 * The rows of keys in the store of this process, opened: what a test knows them by.
 * @module
 */
import { type KeyRow, readRow, type RowState } from "../../src/keystore/key_rows.ts";
import { keyRows, pairRows } from "../../src/keystore/row_names.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import type { Scheme } from "../../src/events.ts";
import type { IdentitySecrets, Random, Store } from "../../src/ports.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";

/** A row of a key, as far as it matters what became of it. */
export interface SeenRow {
  state: RowState;
  /** Empty for a row without a key. */
  wallet: string;
  /** Null for a row without a key. */
  scheme: Scheme | null;
  /** 0 for a row without a key. */
  epoch: number;
  /** The pairs whose state is on the disk with it. */
  pairs: number;
  /** The pairs whose state must be there: one with each other member beside a share that signs in pairs. */
  pairsDue: number;
}

export class SeenRows {
  #dataKey: Promise<Uint8Array> | null = null;
  /** The rows that {@linkcode all} has opened, by name: a long test asks again and again, and few of them change. */
  readonly #opened = new Map<string, { version: number; row: KeyRow }>();

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
    const pairNames = await this.store.names(pairRows);
    for (const name of await this.store.names(keyRows)) {
      const found = await this.store.get(name);
      if (found === null) continue;
      const { version, sealed } = found;
      const before = this.#opened.get(name);
      const row = before?.version === version ? before.row : await this.read(name, sealed);
      this.#opened.set(name, { version, row });
      const { state, key, share, session } = row;
      const pairs = pairNames.filter((pair) => pair.startsWith(`${pairRows}${session.toHex()}/`)).length;
      const pairsDue = key && share.length > 0 && schemes[key.scheme].pairwise ? key.members.length - 1 : 0;
      const { wallet, scheme, epoch } = key ?? { wallet: "", scheme: null, epoch: 0 };
      all.push({ state, wallet, scheme, epoch, pairs, pairsDue });
    }
    return all;
  }
}
