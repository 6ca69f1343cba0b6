import assert from "node:assert/strict";
import { makeRoom } from "../../../src/cluster/commands/outcome/room.ts";

const [alice, bob] = ["a1".repeat(8), "b0".repeat(8)];

Deno.test("makeRoom() forgets nothing while there is room, and the oldest of whoever has most otherwise", () => {
  const sizes = new Map([[`${alice}/3`, 400], [`${alice}/1`, 300], [`${alice}/2`, 300], [`${bob}/1`, 200]]);
  assert.deepEqual(makeRoom(sizes, 2_000, `${bob}/4`), { gone: [], isFull: false });
  assert.deepEqual(makeRoom(sizes, 1_200, `${bob}/4`), { gone: [`${alice}/1`], isFull: false });
  assert.deepEqual(makeRoom(sizes, 900, `${bob}/4`), { gone: [`${alice}/1`, `${alice}/2`], isFull: false });
});

Deno.test("makeRoom() forgets a minute that alone is full, for another minute or another initiator, and not for its own", () => {
  const sizes = new Map([[`${alice}/5`, 900], [`${bob}/1`, 100]]);
  assert.deepEqual(makeRoom(sizes, 1_000, `${alice}/6`), { gone: [`${alice}/5`], isFull: false });
  assert.deepEqual(makeRoom(sizes, 1_000, `${bob}/5`), { gone: [`${alice}/5`], isFull: false });
  assert.deepEqual(makeRoom(sizes, 1_000, `${bob}/4`), { gone: [`${alice}/5`], isFull: false });
  assert.deepEqual(makeRoom(sizes, 1_000, `${alice}/5`), { gone: [], isFull: true });
});

Deno.test("makeRoom() takes as much from each of those that have most, the oldest of each", () => {
  const initiators = Array.from({ length: 8 }, (_, i) => String(i).repeat(16));
  const buckets = initiators.flatMap((one) => Array.from({ length: 320 }, (_, minute) => `${one}/${minute}`));
  const sizes = new Map(buckets.map((bucket) => [bucket, 1_000]));
  const { gone, isFull } = makeRoom(sizes, 2_000_000, `${alice}/321`);
  assert.equal(isFull, false);
  const each = initiators.map((one) => gone.filter((bucket) => bucket.startsWith(one)));
  const counts = each.map(({ length }) => length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 320 / 16, counts.join());
  for (const [i, one] of initiators.entries()) {
    const oldest = Array.from({ length: counts[i]! }, (_, minute) => `${one}/${minute}`);
    assert.deepEqual(new Set(each[i]), new Set(oldest));
  }
});
