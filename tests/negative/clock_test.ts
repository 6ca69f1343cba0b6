import assert from "node:assert/strict";
import type { Clock } from "../../src/ports.ts";
import { cheats } from "../../src/demo/cheats.ts";
import { assertFails, assertWorks, terminalOf } from "./honest.ts";
import { Scene } from "./scene.ts";

/** A cluster in which alice's wall clock can be set; her other clock, by which she waits, cannot. */
async function withClock(): Promise<{ scene: Scene; set: (ms: number) => void }> {
  let offset = 0;
  const scene = await Scene.start({
    threshold: 2,
    more: (name, { clock }) => {
      const wrong: Clock = {
        now: () => clock.now() + offset,
        monotonic: () => clock.monotonic(),
        timer: (ms, fire) => clock.timer(ms, fire),
      };
      return name === "alice" ? { clock: wrong } : {};
    },
  });
  return { scene, set: (ms) => void (offset = ms) };
}

for (const minutes of [10, -10]) {
  Deno.test(`sign() ends as expired, and nobody is blamed, when a clock is ${minutes} minutes off`, async () => {
    const { scene, set } = await withClock();
    await using _scene = scene;
    set(minutes * 60_000);
    const seen = await scene.sign(["alice", "bob"]);
    const claims = [{ by: "bob", code: "expired", peers: [] }] as const;
    // Her time never runs below what it was: a command of the past is refused by herself, one of the future by bob.
    assertFails(scene, seen, "alice", {
      ...minutes > 0 ? { code: "declined", claims } : { code: "expired" },
      phase: "inviting",
      key: "safe",
    });
    const theirs = await scene.sign(["alice", "bob"], { by: "bob" });
    if (minutes < 0) assert.ok(theirs.value, theirs.error?.code);
    else {
      assertFails(scene, theirs, "bob", {
        code: "declined",
        claims: [{ by: "alice", code: "expired", peers: [] }],
        phase: "inviting",
      });
    }
    const others = await scene.sign(["bob", "carol"], { by: "bob" });
    assert.ok(others.value, "whose clocks agree go on");
    set(0);
    // A clock that was ahead does not let in what it has let in before: it has to be caught up with.
    await scene.clock.pass(600_000);
    await assertWorks(scene);
  });
}

Deno.test("sign() succeeds between clocks that are 100 seconds apart, and through a leap in the middle", async () => {
  const { scene, set } = await withClock();
  await using _scene = scene;
  for (const seconds of [100, -100]) {
    set(seconds * 1_000);
    for (const by of ["alice", "bob"]) {
      const seen = await scene.sign(["alice", "bob"], { by });
      assert.ok(seen.value, `${by}, ${seconds} s: ${seen.error?.code}`);
    }
    set(0);
    await scene.clock.pass(120_000);
  }
  scene.arm("bob", cheats.get("slow")!);
  scene.clock.timer(1_000, () => set(-3_600_000));
  const seen = await scene.sign(["alice", "bob"]);
  assert.ok(seen.value, "deadlines are not measured by the wall");
  assert.equal(terminalOf(seen, "alice").type, "done");
  set(0);
  await assertWorks(scene);
});
