/**
 * What a seed decides.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";

/** Choices that a seed makes: xorshift32, from a hash of the seed. For schedules, never for secrets. */
export class Draw {
  #state: number;
  constructor(seed: string) {
    this.#state = new DataView(sha256(new TextEncoder().encode(seed)).buffer).getUint32(0) || 1;
  }
  /** From 0 to `below` - 1. */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % below;
  }
  /** From 0 to 1. */
  much(): number {
    return this.below(1_000_001) / 1_000_000;
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.below(rest.length), 1)[0]!);
  }
}
