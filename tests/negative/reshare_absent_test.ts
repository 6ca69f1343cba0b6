/** A resharing whose party is not there: the absent are missing, not guilty, and the key is whole. */
import assert from "node:assert/strict";
import { assertFails, unchanged } from "./honest.ts";
import { after, assertSigns, before, everyone, handOver, withTreasury } from "./reshare_scene.ts";

// F47
const roles = { dave: "a new member", bob: "a dealer", carol: "a member that leaves" };

for (const [absent, role] of Object.entries(roles)) {
  Deno.test(`reshare() without ${role} ends with not-enough-peers, naming it as missing, and the key is as it was`, async () => {
    await using scene = await withTreasury();
    scene.cluster.kill(absent);
    await scene.clock.pass(1_000);
    const present = everyone.filter((name) => name !== absent);
    for (const by of ["alice", present.at(-1)!]) {
      const seen = await unchanged(scene, present, () => handOver(scene, by));
      assertFails(scene, seen, by, {
        code: "not-enough-peers",
        missing: [absent],
        phase: "inviting",
        key: "safe",
      });
      for (const name of present) {
        if (name !== by) assert.deepEqual(seen.view(name), [], `${name} is not asked`);
      }
    }
    const signers = before.filter((name) => name !== absent).slice(0, 2);
    assert.ok((await scene.sign(signers)).value, "the epoch signs meanwhile");
    await scene.cluster.boot(absent);
    await scene.cluster.linked();
    await assertSigns(scene, before, 1);
    assert.equal((await handOver(scene)).value?.epoch, 2);
    await scene.clock.pass(3_000);
    await assertSigns(scene, after, 2);
  });
}
