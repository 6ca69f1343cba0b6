/**
 * How far the clocks of other peers are from this node's, by what they have told last. Nothing is decided on it: it is
 * what a person needs to read when a command is refused for its time.
 * @module
 */
import type { ClockDifference, PeerId } from "../../failure.ts";
import { clockSkew } from "../../limits.ts";
import type { Clock } from "../../ports.ts";

/** A time that a peer has told. */
interface ReportedTime {
  /** Its wall time, ms. */
  time: number;
  /** When that came, by this node's monotonic clock. */
  at: number;
  /** How far it was off then, ms. */
  off: number;
  /** How far it was off when a warning said so; null if none has. */
  warned: number | null;
}

export class Clocks {
  readonly #clock: Pick<Clock, "now" | "monotonic">;
  readonly #reported = new Map<PeerId, ReportedTime>();

  constructor(clock: Pick<Clock, "now" | "monotonic">) {
    this.#clock = clock;
  }

  /**
   * A peer has told its wall time, ms.
   *
   * @returns How many seconds its clock is ahead, if that is more than it may be and news. One message alone may have
   * been on its way for long, or this machine asleep: the one before has to say the same.
   */
  take(peer: PeerId, time: number): number | null {
    const before = this.#reported.get(peer);
    const off = time - this.#clock.now();
    const told: ReportedTime = { time, at: this.#clock.monotonic(), off, warned: before?.warned ?? null };
    this.#reported.set(peer, told);
    if (Math.abs(off) <= clockSkew) told.warned = null;
    else if (before && same(off, before.off) && !(told.warned !== null && same(off, told.warned))) {
      told.warned = off;
      return Math.round(off / 1000);
    }
    return null;
  }

  /** The clocks that are off by more than they may be, at this moment. */
  off(): ClockDifference[] {
    const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
    return [...this.#reported].map(([peer, { time, at }]) => ({ peer, off: time + monotonic - at - now }))
      .filter(({ off }) => Math.abs(off) > clockSkew)
      .map(({ peer, off }) => ({ peer, seconds: Math.round(off / 1000) }));
  }
}

const same = (a: number, b: number) => Math.abs(a - b) <= clockSkew / 2;
