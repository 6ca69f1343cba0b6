import assert from "node:assert/strict";
import { itemsOf } from "../../src/platform/stream.ts";

/** A stream of `items` that then fails with `error`, or ends; and why it was cancelled, if it was. */
function source(items: readonly number[], error?: Error) {
  const left = [...items];
  const seen: { cancelled: boolean } = { cancelled: false };
  const stream = new ReadableStream<number>({
    pull(controller) {
      const item = left.shift();
      if (item !== undefined) controller.enqueue(item);
      else if (error) controller.error(error);
      else controller.close();
    },
    cancel: () => void (seen.cancelled = true),
  }, { highWaterMark: 0 });
  return { stream, seen };
}

Deno.test("itemsOf() fails with what the stream fails with, after the items before that", async () => {
  const { stream, seen } = source([1], new Error("torn"));
  const got: number[] = [];
  await assert.rejects(async () => {
    for await (const item of itemsOf(stream)) got.push(item);
  }, /torn/);
  assert.deepEqual([got, seen.cancelled, stream.locked], [[1], false, false]);
});

Deno.test("itemsOf() cancels the stream when its reader stops early or fails, and frees it", async () => {
  const early = source([1, 2, 3]);
  for await (const item of itemsOf(early.stream)) if (item === 2) break;
  assert.deepEqual([early.seen.cancelled, early.stream.locked], [true, false]);
  const failed = source([1, 2, 3]);
  await assert.rejects(async () => {
    for await (const _item of itemsOf(failed.stream)) throw new Error("reader");
  }, /reader/);
  assert.deepEqual([failed.seen.cancelled, failed.stream.locked], [true, false]);
});

Deno.test("itemsOf() gives each item once and in order, and cancels nothing that ended", async () => {
  const { stream, seen } = source([1, 2, 3]);
  assert.deepEqual(await Array.fromAsync(itemsOf(stream)), [1, 2, 3]);
  assert.deepEqual([seen.cancelled, stream.locked], [false, false]);
});
