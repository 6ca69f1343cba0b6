import { deepEqual, equal, notEqual } from "node:assert/strict";
import { bucketIn, bucketOf, minuteIn, oldestOfLargest } from "../../../src/cluster/commands/buckets.ts";
import { commandKey } from "../../../src/cluster/records/command.ts";

const [alice, bob, carol] = ["a1".repeat(8), "b0".repeat(8), "ca".repeat(8)] as const;
const sizes = (of: Record<string, number>) => new Map(Object.entries(of));

Deno.test("bucketOf() has the commands of one initiator that expire in one minute, and no others", () => {
  const of = (by: string, id: number, expires = 600_000) =>
    bucketOf(commandKey(by, new Uint8Array(16).fill(id)), expires);
  equal(of("alice", 1), of("alice", 2, 659_999));
  notEqual(of("alice", 1), of("alice", 1, 660_000));
  notEqual(of("alice", 1), of("bob", 1));
  equal(minuteIn(of("alice", 1)), 10);
});

Deno.test("bucketIn() reads the name of a row, and no other name", () => {
  deepEqual(bucketIn(`${alice}/29454720/7`), { bucket: `${alice}/29454720`, n: 7 });
  for (
    const name of ["", "29454720/7", alice, `${alice}/1`, `${alice}/1/x`, `${alice}/-1/1`, `${alice}/1/1/1`]
  ) {
    equal(bucketIn(name), null, name);
  }
});

Deno.test("oldestOfLargest() gives the oldest buckets of whoever has most, and none of whoever has less than a share", () => {
  const some = sizes({ [`${alice}/9`]: 40, [`${alice}/8`]: 10, [`${bob}/1`]: 20, [`${carol}/1`]: 5 });
  deepEqual(oldestOfLargest(some, () => true), { buckets: [`${alice}/8`, `${alice}/9`], size: 50 });
  deepEqual(oldestOfLargest(some, (minute) => minute < 9), { buckets: [`${alice}/8`], size: 50 });
  deepEqual(oldestOfLargest(some, (minute) => minute < 8), { buckets: [], size: 0 }, "bob has 20 of 75");
  const alike = sizes({ [`${alice}/9`]: 40, [`${bob}/1`]: 35, [`${carol}/1`]: 5 });
  deepEqual(oldestOfLargest(alike, (minute) => minute < 8), { buckets: [`${bob}/1`], size: 35 });
  deepEqual(oldestOfLargest(sizes({}), () => true), { buckets: [], size: 0 });
});
