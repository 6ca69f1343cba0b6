/**
 * Virtual time: it stands still while anything can still happen at this moment, and then jumps to the next timer.
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock } from "../ports.ts";
import { pendingOperations } from "./pending_operations.ts";

interface Timer {
  at: number;
  order: number;
  fire: () => void;
}

/**
 * A clock whose time passes only in {@linkcode VirtualClock.pass} and {@linkcode VirtualClock.until}: hours take
 * milliseconds, and no timer fires early because the machine is slow.
 */
export class VirtualClock implements Clock {
  /** The wall time at which every such clock begins: 2026-01-01, ms since 1970. */
  static readonly epoch = 1_767_225_600_000;
  readonly #timers = new Map<number, Timer>();
  #now = 0;
  #order = 0;

  /** Wall time, ms since 1970. */
  now(): number {
    return VirtualClock.epoch + Math.floor(this.#now);
  }

  /** Time since the clock was made, ms. */
  monotonic(): number {
    return this.#now;
  }

  /** The number of timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Calls `fire` once, `ms` from now, unless the result is disposed of before. */
  timer(ms: number, fire: () => void): Disposable {
    const order = this.#order++;
    this.#timers.set(order, { at: this.#now + Math.max(0, ms), order, fire });
    return { [Symbol.dispose]: () => void this.#timers.delete(order) };
  }

  /** Fires what is due next. @returns False if nothing waits, or not until `until`. */
  #step(until: number): boolean {
    let next: Timer | null = null;
    for (const timer of this.#timers.values()) {
      if (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) {
        next = timer;
      }
    }
    if (next === null || next.at > until) return false;
    this.#timers.delete(next.order);
    this.#now = Math.max(this.#now, next.at);
    next.fire();
    return true;
  }

  /** Lets `ms` of virtual time pass, with everything that is due in it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    do await quiet(); while (this.#step(until));
    this.#now = until;
  }

  /** Lets time pass until `promise` settles. @throws {Error} If nothing waits any more, or after `most` ms. */
  async until<T>(promise: Promise<T>, most = 600_000): Promise<T> {
    let settled = false;
    const end = promise.finally(() => settled = true);
    end.catch(() => {});
    const until = this.#now + most;
    for (;;) {
      await quiet();
      if (settled) return await end;
      if (!this.#step(until)) throw new Error(`Nothing happened within ${most} ms of virtual time`);
    }
  }
}

/** Resolves when no microtask and no counted operation is pending: a macrotask comes after all microtasks. */
async function quiet(): Promise<void> {
  do await new Promise<void>((resolve) => setImmediate(resolve)); while (pendingOperations() > 0);
}
