/**
 * The resharings of each key in which somebody has cheated. Each failed one may tell a cheater something about a share
 * that is still in use ("lather, rinse, repeat", Aumasson and Shlomovits 2020), so this node takes part in no more after
 * some within a day, until its operator lets it go on.
 * @module
 */
import { list, record, uint } from "../../../crypto/codec.ts";
import { SessionError } from "../../../errors.ts";
import type { SessionId } from "../../../events.ts";
import { failedRows } from "../../../keystore/row_names.ts";
import type { Rows } from "../../../keystore/rows.ts";
import { failedResharings, freezeWithin } from "../../../limits.ts";

const failedRecord = record("quorate/1/failed-resharings", {
  /** Wall times, ms since 1970. */
  failures: list(uint, failedResharings),
});

export class FailedResharings {
  readonly #rows: Rows;
  readonly #failures = new Map<SessionId, readonly number[]>();
  /** The keys whose row could not be read: it may have said so. */
  readonly #damaged = new Set<SessionId>();

  private constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** Reads all rows. An unreadable row pauses the resharing of its key. @throws {StoreError} If rows cannot be listed. */
  static async open(rows: Rows): Promise<FailedResharings> {
    const failed = new FailedResharings(rows);
    for (const name of await rows.names(failedRows)) {
      const keyId = name.slice(failedRows.length);
      try {
        const found = await rows.get(name);
        if (found) failed.#failures.set(keyId, failedRecord.decode(found.plain).failures);
      } catch {
        failed.#damaged.add(keyId);
      }
    }
    return failed;
  }

  /** Whether no more resharing of a key takes place here for now. @param now Wall time, ms. */
  isPaused(keyId: SessionId, now: number): boolean {
    return this.#damaged.has(keyId) || this.#recent(keyId, now).length >= failedResharings;
  }

  /** @throws {SessionError} `resharing-paused` */
  check(keyId: SessionId, now: number): void {
    if (this.isPaused(keyId, now)) throw new SessionError("resharing-paused");
  }

  #recent(keyId: SessionId, now: number): number[] {
    return (this.#failures.get(keyId) ?? []).filter((at) => at > now - freezeWithin);
  }

  /** Counts a failure, in memory at once. @throws {StoreError} If it could not be written. */
  async add(keyId: SessionId, now: number): Promise<void> {
    await this.#set(keyId, [...this.#recent(keyId, now), Math.floor(now)].slice(-failedResharings));
  }

  /** Lets a key be dealt anew again, as the operator has decided. @throws {StoreError} */
  async forgive(keyId: SessionId): Promise<void> {
    if (this.#damaged.has(keyId)) await this.#rows.erase(failedRows + keyId);
    this.#damaged.delete(keyId);
    await this.#set(keyId, []);
  }

  async #set(keyId: SessionId, failures: readonly number[]): Promise<void> {
    this.#failures.set(keyId, failures);
    const name = failedRows + keyId;
    const found = this.#damaged.has(keyId) ? null : await this.#rows.get(name);
    if (this.#damaged.has(keyId)) return; // it says enough as it is
    await this.#rows.swap(name, found?.version ?? null, failedRecord.encode({ failures: [...failures] }));
  }
}
