/**
 * Turns for work that peers give rise to: in each lane one after the other, with a gap between them. All
 * requests that come during a turn share the next one.
 * @module
 */
import type { Clock } from "../../ports.ts";
import { pause } from "../../session/deadline.ts";

/** The work of one lane. */
interface Lane {
  /** By the monotonic clock, ms. */
  begunAt: number;
  running: Promise<void>;
  /** The turn that has not begun yet, which all requests until then share. */
  next: Promise<void> | null;
}

export class Turns {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #stopping: AbortSignal;
  /** At most one for each peer of the roster and each kind of work. */
  readonly #lanes = new Map<string, Lane>();

  /** @param gapMs The least time between the beginnings of two turns of a lane, ms. */
  constructor(clock: Clock, gapMs: number, stopping: AbortSignal) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#stopping = stopping;
  }

  /**
   * Does `work` as soon as its lane allows it. The work begins after this call, so it sees the change that
   * caused the call. Resolves when that turn is over or the node stops. Rejects with the error of the work.
   */
  take(lane: string, work: () => Promise<void>): Promise<void> {
    const here = this.#lanes.get(lane) ?? { begunAt: -Infinity, running: Promise.resolve(), next: null };
    this.#lanes.set(lane, here);
    return here.next ??= this.#turn(here, work);
  }

  async #turn(lane: Lane, work: () => Promise<void>): Promise<void> {
    await lane.running.catch(() => {}); // the caller of that turn gets the error
    const waitMs = lane.begunAt + this.#gapMs - this.#clock.monotonic();
    if (waitMs > 0) await pause(this.#clock, waitMs, this.#stopping);
    if (this.#stopping.aborted) return;
    lane.begunAt = this.#clock.monotonic();
    lane.next = null;
    lane.running = work();
    await lane.running;
  }
}
