import assert from "node:assert/strict";
import { watchTab } from "../../src/node/tab_life.ts";
import { VirtualClock } from "../sim/clock.ts";

function watched() {
  const clock = new VirtualClock();
  let skew = 0;
  const told: string[] = [];
  const node = {
    interrupt: () => void told.push("interrupt"),
    stop: () => Promise.resolve(void told.push("stop")),
  };
  const [page, lifecycle] = [new EventTarget(), new EventTarget()];
  const skewed = {
    now: () => clock.now() + skew,
    monotonic: () => clock.monotonic(),
    timer: clock.timer.bind(clock),
  };
  const watching = watchTab(node, { clock: skewed, page, lifecycle });
  return { clock, told, page, lifecycle, watching, sleep: (ms: number) => void (skew += ms) };
}

Deno.test("watchTab() ends the sessions of a page that has slept, and of no other", async () => {
  const { clock, told, watching, sleep } = watched();
  await clock.pass(60_000);
  sleep(4_000);
  await clock.pass(2_000);
  assert.deepEqual(told, []);
  sleep(20_000);
  await clock.pass(1_000);
  assert.deepEqual(told, ["interrupt"]);
  await clock.pass(60_000);
  assert.deepEqual(told, ["interrupt"], "once");
  watching[Symbol.dispose]();
});

Deno.test("watchTab() ends sessions when the page is frozen, and the node when it goes away", () => {
  const { told, page, lifecycle, watching } = watched();
  lifecycle.dispatchEvent(new Event("freeze"));
  page.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(told, ["interrupt", "stop"]);
  watching[Symbol.dispose]();
  lifecycle.dispatchEvent(new Event("freeze"));
  assert.deepEqual(told, ["interrupt", "stop"]);
});
