/**
 * The archive of past rosters, by their hash: a node that was not there checks a key against the roster under
 * which it was made, perhaps long afterwards.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { unlessStore } from "../../errors.ts";
import { maxPastRosters } from "../../limits.ts";
import type { Identity } from "../../ports.ts";
import type { Rows } from "../../keystore/rows.ts";
import { formatRoster, parseRoster, type Roster, rosterHash, verifyRoster } from "./roster.ts";

const prefix = "past-roster/";
const rowOf = ({ version }: Roster, hash: string) => `${prefix}${String(version).padStart(16, "0")}/${hash}`;
const hashIn = (row: string) => row.slice(row.lastIndexOf("/") + 1);

export interface RosterArchiveOptions {
  rows: Rows;
  identity: Pick<Identity, "verify">;
  /** Whether a key of this node was made under the roster with this hash, in hex. */
  needed(hash: string): boolean;
}

export class RosterArchive {
  readonly #options: RosterArchiveOptions;
  /** Names of rows by hash in hex. */
  readonly #index = new Map<string, string>();
  /** The rosters that could not be written: kept in memory until the node stops. */
  readonly #unwritten = new Map<string, Roster>();

  private constructor(options: RosterArchiveOptions) {
    this.#options = options;
  }

  /** @throws {StoreError} */
  static async open(options: RosterArchiveOptions): Promise<RosterArchive> {
    const archive = new RosterArchive(options);
    for (const row of await options.rows.names(prefix)) archive.#index.set(hashIn(row), row);
    return archive;
  }

  /**
   * Keeps a roster whose signature was checked, and forgets the oldest that no key needs if there are too
   * many.
   */
  async add(roster: Roster): Promise<void> {
    const { rows } = this.#options;
    const hash = rosterHash(roster).toHex();
    if (this.#index.has(hash)) return;
    const row = rowOf(roster, hash);
    this.#index.set(hash, row);
    this.#unwritten.set(hash, roster);
    try {
      if (await rows.swap(row, null, new TextEncoder().encode(formatRoster(roster)))) {
        this.#unwritten.delete(hash);
      }
      await this.#forget(hash);
    } catch (error) {
      unlessStore(error);
    }
  }

  async #forget(newest: string): Promise<void> {
    const oldest = [...this.#index].sort(([, a], [, b]) => a < b ? -1 : 1);
    for (const [hash, row] of oldest) {
      if (this.#index.size <= maxPastRosters) return;
      if (hash === newest || this.#options.needed(hash)) continue;
      this.#index.delete(hash);
      this.#unwritten.delete(hash);
      await this.#options.rows.erase(row);
    }
  }

  /** The roster with a hash of 32 bytes; null if it is not here, or if its row is damaged. */
  async find(hash: Uint8Array): Promise<Roster | null> {
    const here = this.#unwritten.get(hash.toHex());
    if (here) return here;
    const row = this.#index.get(hash.toHex());
    if (row === undefined) return null;
    try {
      const found = await this.#options.rows.get(row);
      return found && this.read(new TextDecoder().decode(found.plain), hash);
    } catch (error) {
      unlessStore(error);
      return null; // its keys are not shown until the store can be read again
    }
  }

  /** Reads a roster that a peer sent, and keeps it if it has this hash and its admin key has signed it. */
  async take(text: string, hash: Uint8Array): Promise<Roster | null> {
    const roster = await this.read(text, hash);
    if (roster) await this.add(roster);
    return roster;
  }

  private async read(text: string, hash: Uint8Array): Promise<Roster | null> {
    let roster: Roster;
    try {
      roster = parseRoster(text);
    } catch {
      return null; // a peer sent something else, or the row is damaged
    }
    return equal(rosterHash(roster), hash) && await verifyRoster(this.#options.identity, roster)
      ? roster
      : null;
  }
}
