/**
 * How much of what one peer tells is taken: a bucket of tokens for each, which fills by the monotonic clock.
 * @module
 */
import { hash } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import { batchesKept, toldAtOnce, toldPerSecond } from "../limits.ts";
import type { Clock } from "../ports.ts";

export class ToldBudget {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** @param who One that is paid for by itself. @returns Whether there was something left. */
  spend(who: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(who) ?? { left: toldAtOnce, at: now };
    const left = Math.min(toldAtOnce, bucket.left + (now - bucket.at) * toldPerSecond / 1000);
    const enough = left >= 1;
    this.#buckets.set(who, { left: enough ? left - 1 : left, at: now });
    return enough;
  }
}

/** The batches of each peer that were taken lately: anybody can say them again, and that is not at their author's cost. */
export class TakenBatches {
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
}

const nameOf = (message: Uint8Array) => hash("quorate/1/batch-seen", message).toHex();
