import assert from "node:assert/strict";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";

Deno.test("platformRandom() draws any length, also more than the platform gives at once", () => {
  assert.equal(platformRandom(0).length, 0);
  const long = platformRandom(200_000);
  assert.equal(long.length, 200_000);
  for (const at of [0, 65_536, 131_072, 196_608]) {
    assert.ok(long.subarray(at, at + 64).some((byte) => byte !== 0));
  }
  assert.notDeepEqual(platformRandom(32), platformRandom(32));
});

Deno.test("platformClock.timer() fires once, unless it was disposed of", async () => {
  let fired = 0;
  const before = platformClock.monotonic();
  await new Promise<void>((resolve) => {
    platformClock.timer(5, () => fired += 10)[Symbol.dispose]();
    platformClock.timer(10, () => {
      fired++;
      resolve();
    });
  });
  assert.equal(fired, 1);
  assert.ok(platformClock.monotonic() - before >= 8);
  assert.ok(Math.abs(platformClock.now() - Date.now()) < 1_000);
});
