/**
 * The streams of sessions that are over: they may close in peace, for a while.
 * @module
 */
import type { Clock } from "../ports.ts";
import { pause } from "./deadline.ts";
import type { SessionEnd } from "./plan.ts";

/** How long that is, ms: what a peer on a bad network needs to read the last frame. */
const lingerMs = 2_000;

/** All of a node's that are closing. */
export class Lingering {
  readonly #clock: Clock;
  readonly #over = new Map<SessionEnd, AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(end: SessionEnd): void {
    const over = new AbortController();
    this.#over.set(end, over);
    void end.lingering.then(() => over.abort());
    void pause(this.#clock, lingerMs, over.signal).then(() => {
      end.abort();
      this.#over.delete(end);
    });
  }

  /** Drops every stream now. */
  stop(): void {
    for (const [end, over] of this.#over) {
      end.abort();
      over.abort();
    }
  }
}
