/**
 * The room for outcomes: the buckets that are forgotten so that the others and a new outcome have it.
 * @module
 */
import { isOfOneInitiator, minuteIn, oldestOfLargest } from "../buckets.ts";

/** The part of the limit that is made free at once, and the part of an initiator's outcomes that goes before another may have most. */
const freedAtOnce = 1 / 16;

/**
 * The buckets to be forgotten when there is no room: the oldest of whoever has most, up to the latest minute. Where only
 * the latest is left, another initiator's bucket goes, if that has most; its own does not.
 *
 * @param sizes The bytes of each bucket.
 * @param most The bytes that all of them may have.
 * @param coming The bucket of the outcome that wants room.
 * @returns Those buckets, and whether there is no room all the same.
 */
export function makeRoom(
  sizes: ReadonlyMap<string, number>,
  most: number,
  coming: string,
): { gone: string[]; isFull: boolean } {
  const left = new Map(sizes);
  const gone: string[] = [];
  const latest = [...sizes.keys()].reduce(
    (last, bucket) => Math.max(last, minuteIn(bucket)),
    minuteIn(coming),
  );
  let bytes = [...sizes.values()].reduce((all, length) => all + length, 0);
  const wanted = most * (1 - freedAtOnce);
  while (bytes > wanted) {
    const { buckets, size } = largestOf(left, { latest, coming, isFull: bytes >= most });
    if (buckets.length === 0) break;
    let freed = 0;
    for (const bucket of buckets) {
      freed += left.get(bucket)!;
      left.delete(bucket);
      gone.push(bucket);
      if (freed >= size * freedAtOnce || bytes - freed <= wanted) break;
    }
    bytes -= freed;
  }
  return { gone, isFull: bytes >= most };
}

function largestOf(
  left: ReadonlyMap<string, number>,
  { latest, coming, isFull }: { latest: number; coming: string; isFull: boolean },
): { buckets: string[]; size: number } {
  const older = oldestOfLargest(left, (minute) => minute < latest);
  if (older.buckets.length > 0 || !isFull) return older;
  const all = oldestOfLargest(left, () => true);
  return all.buckets.some((bucket) => isOfOneInitiator(bucket, coming)) ? older : all;
}
