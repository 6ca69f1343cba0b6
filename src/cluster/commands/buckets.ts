/**
 * Buckets of commands: a bucket is the commands of one initiator that expire in one minute. What is kept of commands is
 * forgotten by whole buckets, those of whoever has most first, so that nobody's commands push out another's.
 * @module
 */
import { minuteOf } from "./minutes.ts";

/** The part of a command's key that its initiator's commands share, hex digits: see `commandKey`. */
const initiatorDigits = 16;

/**
 * The bucket of a command: `<initiator>/<minute>`.
 *
 * @param key See `commandKey`.
 * @param expires The time at which the command expires, ms.
 */
export const bucketOf = (key: string, expires: number): string =>
  `${key.slice(0, initiatorDigits)}/${minuteOf(expires)}`;

/** The minute in which the commands of a bucket expire. */
export const minuteIn = (bucket: string): number => Number(bucket.slice(initiatorDigits + 1));

/** True if two buckets are of one initiator. */
export const isOfOneInitiator = (one: string, other: string): boolean =>
  one.slice(0, initiatorDigits) === other.slice(0, initiatorDigits);

/** The bucket and the number of a row that is called `<bucket>/<n>`, or null if it is called otherwise. */
export function bucketIn(name: string): { bucket: string; n: number } | null {
  const [, bucket, n] = /^([0-9a-f]{16}\/\d{1,15})\/(\d{1,15})$/.exec(name) ?? [];
  return bucket === undefined ? null : { bucket, n: Number(n) };
}

/**
 * The buckets to be forgotten first: those of one initiator, the oldest first, and the size of all that it has. Of the
 * initiators with buckets that may go it is the one that has most; none if that is less than an equal share.
 *
 * @param mayGo Whether buckets of a minute may be forgotten.
 */
export function oldestOfLargest(
  sizes: ReadonlyMap<string, number>,
  mayGo: (minute: number) => boolean,
): { buckets: string[]; size: number } {
  const shares = new Map<string, { buckets: string[]; size: number }>();
  let all = 0;
  for (const [bucket, size] of sizes) {
    const initiator = bucket.slice(0, initiatorDigits);
    const share = shares.get(initiator) ?? { buckets: [], size: 0 };
    shares.set(initiator, share);
    if (mayGo(minuteIn(bucket))) share.buckets.push(bucket);
    share.size += size;
    all += size;
  }
  const [largest] = [...shares.values()]
    .filter(({ buckets, size }) => buckets.length > 0 && size * shares.size >= all)
    .sort((a, b) => b.size - a.size);
  largest?.buckets.sort((a, b) => minuteIn(a) - minuteIn(b));
  return largest ?? { buckets: [], size: 0 };
}
