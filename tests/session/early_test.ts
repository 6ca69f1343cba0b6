import assert from "node:assert/strict";
import { Early } from "../../src/session/early.ts";

Deno.test("early items: kept in order until somebody listens, and no more than it may keep", () => {
  const early = new Early<number>(2);
  assert.deepEqual([1, 2, 3].map((item) => early.add(item)), [true, true, false]);
  const got: number[] = [];
  early.listen((item) => got.push(item));
  assert.equal(early.add(4), true);
  assert.deepEqual(got, [1, 2, 4]);
  assert.deepEqual(early.take(), []);
});

Deno.test("early items: a listener that has what it wanted leaves the rest to the next", () => {
  const early = new Early<number>(2);
  early.add(1);
  early.add(2);
  const first: number[] = [];
  early.listen((item) => {
    early.unlisten();
    first.push(item);
  });
  assert.deepEqual(first, [1]);
  early.add(3);
  assert.equal(early.add(4), false);
  assert.deepEqual(early.take(), [2, 3]);
});
