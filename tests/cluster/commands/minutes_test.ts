import assert from "node:assert/strict";
import { endOf, maxRanges, minuteOf, Minutes } from "../../../src/cluster/commands/minutes.ts";

Deno.test("minuteOf() and endOf() enclose a time", () => {
  for (const ms of [0, 59_999, 60_000, 1_767_225_600_123]) {
    assert.ok(endOf(minuteOf(ms)) > ms && endOf(minuteOf(ms)) - 60_000 <= ms);
  }
});

Deno.test("Minutes has all that was added, also when it keeps fewer ranges than there were", () => {
  let minutes = new Minutes();
  const added: number[] = [];
  for (let i = 0; i < 500; i++) {
    const minute = (i * 7919) % 100_000;
    added.push(minute);
    minutes = minutes.with([minute]);
    assert.ok(minutes.ranges.length <= maxRanges);
  }
  assert.ok(added.every((minute) => minutes.has(minute)));
  const { ranges } = minutes;
  assert.ok(ranges.every(([from, to], i) => from <= to && (i === 0 || ranges[i - 1]![1] < from)));
});

Deno.test("Minutes keeps the latest ranges apart: a leap that is over is no reason to refuse what lies between", () => {
  let minutes = new Minutes();
  for (let hour = 0; hour < 200; hour++) minutes = minutes.with([hour * 60]);
  minutes = minutes.with([200 * 60, 1_000_000]);
  assert.equal(minutes.has(999_000), false);
  assert.equal(minutes.has(1_000_000), true);
  assert.equal(minutes.has(30), true, "long ago, all is one");
});
