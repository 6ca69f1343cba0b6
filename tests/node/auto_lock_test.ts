import assert from "node:assert/strict";
import { autoLock } from "../../src/node/auto_lock.ts";
import { VirtualClock } from "../sim/clock.ts";

/** A node of which only the lock matters, and a person who touches it. */
function locking(clock = new VirtualClock(), asleep = () => 0) {
  const node = {
    locked: false,
    locks: 0,
    lock() {
      node.locked = true;
      node.locks++;
      return Promise.resolve();
    },
  };
  let touch = () => {};
  let listening = false;
  const auto = autoLock(node, {
    clock: {
      now: () => clock.now() + asleep(),
      monotonic: () => clock.monotonic(),
      timer: (ms, fire) => clock.timer(ms, fire),
    },
    ms: 60_000,
    activity(touched) {
      touch = touched;
      listening = true;
      return { [Symbol.dispose]: () => void (listening = false) };
    },
  });
  return { clock, node, auto, touch: () => touch(), listening: () => listening };
}

Deno.test("autoLock() locks when nobody was there for so long, and not before", async () => {
  const { clock, node, touch, auto } = locking();
  await clock.pass(59_999);
  assert.equal(node.locked, false);
  touch();
  await clock.pass(59_999);
  assert.equal(node.locked, false);
  await clock.pass(1);
  assert.equal(node.locked, true);
  auto[Symbol.dispose]();
});

Deno.test("autoLock() locks each time anew, and not what is locked", async () => {
  const { clock, node, touch, auto } = locking();
  await clock.pass(600_000);
  assert.equal(node.locks, 1);
  node.locked = false;
  touch();
  await clock.pass(59_000);
  assert.equal(node.locks, 1);
  await clock.pass(120_000);
  assert.equal(node.locks, 2);
  auto[Symbol.dispose]();
});

Deno.test("autoLock() finds out with the first touch that the machine has slept", () => {
  let slept = 0;
  const { node, touch, auto } = locking(new VirtualClock(), () => slept);
  slept = 3_600_000;
  touch();
  assert.equal(node.locked, true);
  auto[Symbol.dispose]();
});

Deno.test("autoLock() ends with its scope, and leaves no timer behind", async () => {
  const { clock, node, auto, listening } = locking();
  auto[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
  assert.equal(listening(), false);
  await clock.pass(120_000);
  assert.equal(node.locked, false);
});
