/**
 * Keys that have failed too often in the last step: a signature that does not verify although every check before it
 * passed. Whoever brings that about at will learns something each time (CVE-2023-33242), so after a few such failures
 * this node signs with the key no more until its operator has thawed it.
 * @module
 */
import * as v from "valibot";
import { list, record, uint } from "../crypto/codec.ts";
import type { SessionId } from "../events.ts";
import { freezeAfter, freezeWithin } from "../limits.ts";
import type { Rows } from "../session/commit.ts";
import { frozenRows } from "../session/row_names.ts";

const frozenRecord = record("quorate/1/frozen", {
  frozen: v.boolean(),
  /** Wall times of the last failures, ms. */
  failures: list(uint, freezeAfter),
});
type FrozenRow = ReturnType<typeof frozenRecord.decode>;

const untouched: FrozenRow = { frozen: false, failures: [] };

export class Frozen {
  readonly #rows: Rows;
  readonly #known = new Map<SessionId, FrozenRow>();
  readonly #damaged = new Set<SessionId>();
  /** Writes follow each other. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Reads what is on disk. A row that cannot be read freezes its key. @throws {StoreError} If rows cannot be listed. */
  static async open(rows: Rows): Promise<Frozen> {
    const frozen = new Frozen(rows);
    for (const name of await rows.names(frozenRows)) {
      const key = name.slice(frozenRows.length);
      try {
        const found = await rows.get(name);
        if (found) frozen.#known.set(key, frozenRecord.decode(found.plain));
      } catch {
        // It may have said so; whoever thaws the key has it written anew.
        frozen.#damaged.add(key);
        frozen.#known.set(key, { frozen: true, failures: [] });
      }
    }
    return frozen;
  }

  /** @param key The session that made it. */
  has(key: SessionId): boolean {
    return this.#known.get(key)?.frozen ?? false;
  }

  /** Final verifications that failed within the last day. */
  failures(key: SessionId, now: number): number {
    return this.#known.get(key)?.failures.filter((at) => at > now - freezeWithin).length ?? 0;
  }

  /**
   * Counts a failed final verification at wall time `now`, ms: in memory at once.
   *
   * @returns Whether the key is frozen by it.
   * @throws {StoreError} If it could not be written; it counts all the same while this node runs.
   */
  async failed(key: SessionId, now: number): Promise<boolean> {
    const { frozen, failures } = this.#known.get(key) ?? untouched;
    const recent = [...failures.filter((at) => at > now - freezeWithin), Math.floor(now)].slice(-freezeAfter);
    const freezes = !frozen && recent.length >= freezeAfter;
    await this.#set(key, { frozen: frozen || freezes, failures: recent });
    return freezes;
  }

  /** Lets a key be used again, by word of the operator. @throws {StoreError} */
  async thaw(key: SessionId): Promise<void> {
    await this.#set(key, untouched);
  }

  async #set(key: SessionId, row: FrozenRow): Promise<void> {
    this.#known.set(key, row);
    const written = this.#writing.then(() => this.#write(key));
    this.#writing = written.catch(() => {}); // whoever asked hears of it; the next write is another
    await written;
  }

  async #write(key: SessionId): Promise<void> {
    const name = frozenRows + key;
    if (this.#damaged.has(key)) await this.#rows.erase(name);
    this.#damaged.delete(key);
    const found = await this.#rows.get(name);
    await this.#rows.swap(name, found?.version ?? null, frozenRecord.encode(this.#known.get(key)!));
  }
}
