/**
 * The limit on gossip that is accepted from one peer: a bucket of tokens, which fills by the monotonic clock.
 * @module
 */
import { hash } from "../../crypto/codec.ts";
import type { PeerId } from "../../failure.ts";
import { batchesKept, reportsAtOnce, reportsPerSecond } from "../../limits.ts";
import type { Clock } from "../../ports.ts";
import { type IsMember, keepOnly, type OfMembers } from "../records/of_members.ts";

/**
 * The kinds of gossip with a bucket each: presence, and the batches of a peer's latest start and of earlier
 * ones.
 */
export type Expense = "presence" | "latest" | "earlier";

export class GossipBudget implements OfMembers {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #buckets = new Map<PeerId, Map<Expense, { left: number; at: number }>>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Takes a token. @returns Whether there was one. */
  spend(by: PeerId, on: Expense): boolean {
    const now = this.#clock.monotonic();
    const buckets = this.#buckets.get(by) ?? new Map();
    this.#buckets.set(by, buckets);
    const bucket = buckets.get(on) ?? { left: reportsAtOnce, at: now };
    const left = Math.min(reportsAtOnce, bucket.left + (now - bucket.at) * reportsPerSecond / 1000);
    const enough = left >= 1;
    buckets.set(on, { left: enough ? left - 1 : left, at: now });
    return enough;
  }

  keepOnly(isMember: IsMember): void {
    keepOnly(this.#buckets, isMember);
  }
}

/**
 * The batches of each peer that were taken lately. Anybody can repeat them, which must not cost their author
 * tokens.
 */
export class TakenBatches implements OfMembers {
  readonly #taken = new Map<PeerId, Set<string>>();

  has(by: PeerId, message: Uint8Array): boolean {
    return this.#taken.get(by)?.has(nameOf(message)) ?? false;
  }

  add(by: PeerId, message: Uint8Array): void {
    const taken = this.#taken.get(by) ?? new Set();
    this.#taken.set(by, taken);
    taken.add(nameOf(message));
    if (taken.size > batchesKept) taken.delete(taken.values().next().value!);
  }

  keepOnly(isMember: IsMember): void {
    keepOnly(this.#taken, isMember);
  }
}

const nameOf = (message: Uint8Array) => hash("quorate/1/batch-seen", message).toHex();
