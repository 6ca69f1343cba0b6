/**
 * Lines about what goes on, for a person who waits: from a second on, and none twice.
 * @module
 */
import type { Clock } from "../../ports.ts";

/** The time after which a person wants to know what takes so long, ms. */
const silentMs = 1_000;

/** Shows the latest line once a second has passed, then each new one. */
export class Progress implements Disposable {
  readonly #print: (line: string) => void;
  readonly #timer: Disposable;
  #latest: string | null = null;
  #shown: string | null = null;
  #isSilent = true;

  /** @param print Prints one line. */
  constructor(print: (line: string) => void, clock: Pick<Clock, "timer">) {
    this.#print = print;
    this.#timer = clock.timer(silentMs, () => {
      this.#isSilent = false;
      this.#show();
    });
  }

  /** Takes the next line. */
  take(line: string): void {
    this.#latest = line;
    if (!this.#isSilent) this.#show();
  }

  #show(): void {
    if (this.#latest === null || this.#latest === this.#shown) return;
    this.#shown = this.#latest;
    this.#print(this.#latest);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
