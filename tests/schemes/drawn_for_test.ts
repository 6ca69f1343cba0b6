import assert from "node:assert/strict";
import { drawnFor } from "../../src/schemes/run/drawn_for.ts";
import type { ProtocolRun } from "../../src/schemes/secret_scheme.ts";

const effects = {} as ProtocolRun;
const drawn = () => {
  let wiped = false;
  return {
    firstRound: Uint8Array.of(1),
    get wiped() {
      return wiped;
    },
    [Symbol.dispose]() {
      wiped = true;
    },
  };
};

Deno.test("drawnFor() has the first round of what was drawn, and wipes it on disposal and after its run", async () => {
  const disposed = drawn(), used = drawn();
  const made = drawnFor<string, string>(disposed, () => Promise.resolve(""));
  assert.equal(made.firstRound, disposed.firstRound);
  made[Symbol.dispose]();
  assert.ok(disposed.wiped);
  const run = drawnFor<string, string>(used, async (given, agreed) => {
    assert.equal(given, effects);
    await Promise.resolve();
    assert.ok(!used.wiped);
    return agreed;
  });
  assert.equal(await run.run(effects, "agreed"), "agreed");
  assert.ok(used.wiped);
});

Deno.test("drawnFor() wipes what was drawn, though the run has not come to use it", async () => {
  const unused = drawn();
  const failing = drawnFor(unused, () => Promise.reject(new Error("no net")));
  await assert.rejects(
    failing.run(effects, { session: new Uint8Array(32), firstRound: new Map() }),
    /no net/,
  );
  assert.ok(unused.wiped);
});
