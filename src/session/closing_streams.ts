/**
 * The streams of sessions that are over, while they close: a peer on a bad network may still read the last
 * frame.
 * @module
 */
import type { Clock } from "../ports.ts";
import { pause } from "./deadline.ts";
import type { SessionEnd } from "./plan.ts";

/** The time that streams get to close, ms. */
const closingMs = 2_000;

/** All of a node's streams that are closing. */
export class ClosingStreams {
  readonly #clock: Clock;
  readonly #ends = new Map<SessionEnd, AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(end: SessionEnd): void {
    const over = new AbortController();
    this.#ends.set(end, over);
    void end.closed.then(() => over.abort());
    void pause(this.#clock, closingMs, over.signal).then(() => {
      end.abort();
      this.#ends.delete(end);
    });
  }

  /** Drops every stream now. */
  stop(): void {
    for (const [end, over] of this.#ends) {
      end.abort();
      over.abort();
    }
  }
}
