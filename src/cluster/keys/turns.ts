/**
 * Turns: work that peers give rise to, one after the other in each lane and never more often than a gap allows. What
 * is asked for meanwhile is done once, afterwards.
 * @module
 */
import type { Clock } from "../../ports.ts";
import { pause } from "../../session/deadline.ts";

/** The work of one lane. */
interface Lane {
  /** By the monotonic clock, ms. */
  begunAt: number;
  running: Promise<void>;
  /** The turn that has not begun yet: everyone who asks meanwhile gets it. */
  next: Promise<void> | null;
}

export class Turns {
  readonly #clock: Clock;
  readonly #gapMs: number;
  readonly #stopping: AbortSignal;
  /** As many as there are peers of a roster, times the kinds of work. */
  readonly #lanes = new Map<string, Lane>();

  /** @param gapMs From the beginning of one turn of a lane to that of the next, at least. */
  constructor(clock: Clock, gapMs: number, stopping: AbortSignal) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#stopping = stopping;
  }

  /**
   * Does `work` as soon as its lane allows it. The work begins after this call, so it sees what made the caller ask.
   *
   * @returns Resolves when that turn is over, or the node stops first. Rejects with what the work throws.
   */
  take(lane: string, work: () => Promise<void>): Promise<void> {
    const here = this.#lanes.get(lane) ?? { begunAt: -Infinity, running: Promise.resolve(), next: null };
    this.#lanes.set(lane, here);
    return here.next ??= this.#turn(here, work);
  }

  async #turn(lane: Lane, work: () => Promise<void>): Promise<void> {
    await lane.running.catch(() => {}); // whoever asked for that turn hears of it
    const waitMs = lane.begunAt + this.#gapMs - this.#clock.monotonic();
    if (waitMs > 0) await pause(this.#clock, waitMs, this.#stopping);
    if (this.#stopping.aborted) return;
    lane.begunAt = this.#clock.monotonic();
    lane.next = null;
    lane.running = work();
    await lane.running;
  }
}
