import assert from "node:assert/strict";
import { Progress } from "../../../src/cli/control/progress.ts";

Deno.test("Progress shows the latest line after a second, then each new one once, and nothing when all was quick", () => {
  const shown: string[] = [];
  let fire = () => {};
  let stopped = 0;
  const clock = {
    timer(ms: number, later: () => void) {
      assert.equal(ms, 1_000);
      fire = later;
      return { [Symbol.dispose]: () => void stopped++ };
    },
  };
  {
    using progress = new Progress((line) => shown.push(line), clock);
    for (const line of ["a", "b"]) progress.take(line);
    assert.deepEqual(shown, []);
    fire();
    assert.deepEqual(shown, ["b"]);
    for (const line of ["b", "c", "c", "b"]) progress.take(line);
    assert.deepEqual(shown, ["b", "c", "b"]);
  }
  assert.equal(stopped, 1);
});
