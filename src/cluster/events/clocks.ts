/**
 * The differences between the clocks of other peers and this node's, by the last times that they sent. They
 * decide nothing: a person sees them when a command is refused because of its time.
 * @module
 */
import type { ClockDifference, PeerId } from "../../failure.ts";
import { clockSkew } from "../../limits.ts";
import type { Clock } from "../../ports.ts";

/** A time that a peer has sent. */
interface ReportedTime {
  /** The wall time of the peer, ms since 1970. */
  time: number;
  /** The moment of its arrival, by this node's monotonic clock, ms. */
  at: number;
  /** The difference to this node's clock at that moment, ms. */
  off: number;
  /** The difference that the last warning reported, ms; null if there was none. */
  warned: number | null;
}

export class Clocks {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #reported = new Map<PeerId, ReportedTime>();

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
  }

  /**
   * Takes a peer's wall time, ms.
   *
   * @returns The seconds that its clock is ahead, if that is too much and not reported yet; else null. One
   * message may have been delayed, or this machine asleep, so two successive messages must agree.
   */
  take(peer: PeerId, time: number): number | null {
    const before = this.#reported.get(peer);
    const off = time - this.#clock.now();
    const reported: ReportedTime = { time, at: this.#clock.monotonic(), off, warned: before?.warned ?? null };
    this.#reported.set(peer, reported);
    if (Math.abs(off) <= clockSkew) reported.warned = null;
    else if (before && same(off, before.off) && !(reported.warned !== null && same(off, reported.warned))) {
      reported.warned = off;
      return Math.round(off / 1000);
    }
    return null;
  }

  /** The clocks that differ too much at this moment. */
  off(): ClockDifference[] {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    return [...this.#reported].map(([peer, { time, at }]) => ({ peer, off: time + monotonic - at - now }))
      .filter(({ off }) => Math.abs(off) > clockSkew)
      .map(({ peer, off }) => ({ peer, seconds: Math.round(off / 1000) }));
  }
}

const same = (a: number, b: number) => Math.abs(a - b) <= clockSkew / 2;
