/**
 * One process, from its start to its end: what a node had of time and disk ends with it, at once.
 * @module
 */
import type { Clock, Store } from "../../src/ports.ts";

export class Life implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Disposable>();
  readonly #ahead: () => number;
  over = false;

  /** @param ahead How far its machine's wall clock is ahead of the right time, ms; the other clock is not. */
  constructor(clock: Clock, ahead: () => number) {
    this.#clock = clock;
    this.#ahead = ahead;
  }

  now(): number {
    return this.#clock.now() + this.#ahead();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  timer(ms: number, fire: () => void): Disposable {
    if (this.over) return { [Symbol.dispose]() {} };
    const timer = this.#clock.timer(ms, () => {
      this.#timers.delete(timer);
      fire();
    });
    this.#timers.add(timer);
    return {
      [Symbol.dispose]: () => {
        this.#timers.delete(timer);
        timer[Symbol.dispose]();
      },
    };
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** The disk as this process has it: after its end nothing is read or written. Closing it is for who made it. */
  keeps(store: Store): Store {
    const never = new Promise<never>(() => {});
    const alive = <T>(work: () => Promise<T>): Promise<T> => this.over ? never : work();
    return {
      get: (name) => alive(() => store.get(name)),
      swap: (name, from, sealed) => alive(() => store.swap(name, from, sealed)),
      names: (prefix) => alive(() => store.names(prefix)),
      close: () => Promise.resolve(),
    };
  }

  /** Nothing of it runs on. */
  end(): void {
    this.over = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}
