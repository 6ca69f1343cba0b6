/**
 * A set of minutes since 1970, kept as few ranges.
 * @module
 */

const minuteMs = 60_000;
/** The minute of a wall time in ms. */
export const minuteOf = (ms: number): number => Math.floor(ms / minuteMs);
/** The wall time at which a minute is over, ms. */
export const endOf = (minute: number): number => (minute + 1) * minuteMs;

/** The first and the last minute, both included. */
export type MinuteRange = [from: number, to: number];

/**
 * The gap up to which two ranges become one, minutes: a quiet cluster would have a range for each command.
 */
const closeBy = 10;

/**
 * The number of ranges that are kept. A normal clock needs one for each quiet time of the cluster, and one
 * more for each leap.
 */
export const maxRanges = 64;

export class Minutes {
  readonly #ranges: MinuteRange[];

  constructor(ranges: readonly MinuteRange[] = []) {
    this.#ranges = ranges.map(([from, to]) => [from, to]);
  }

  /** The ranges in order, none touching another. */
  get ranges(): readonly MinuteRange[] {
    return this.#ranges;
  }

  has(minute: number): boolean {
    return this.#ranges.some(([from, to]) => from <= minute && minute <= to);
  }

  /**
   * This set with more in it. It may get larger than what was added, never smaller: the oldest ranges are
   * joined.
   */
  with(minutes: Iterable<number>): Minutes {
    const all: MinuteRange[] = [...this.#ranges, ...[...minutes].map((m): MinuteRange => [m, m])];
    const joined: MinuteRange[] = [];
    for (const [from, to] of all.sort(([a], [b]) => a - b)) {
      const last = joined.at(-1);
      if (last && from <= last[1] + closeBy) last[1] = Math.max(last[1], to);
      else joined.push([from, to]);
    }
    while (joined.length > maxRanges) joined.splice(0, 2, [joined[0]![0], joined[1]![1]]);
    return new Minutes(joined);
  }
}
