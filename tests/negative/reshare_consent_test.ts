/** The content of a consent to a resharing: which refusals end with the epoch. */
import assert from "node:assert/strict";
import type { Approve } from "../../src/cluster/commands/consent/approval.ts";
import type { PairRefusal } from "../../src/cluster/keys/refusals.ts";
import { banning } from "../../src/demo/cheats/ecdsa_cheats.ts";
import { assertFails } from "./honest.ts";
import { handOver, withTreasury } from "./reshare_scene.ts";

Deno.test("reshare() shows a ban to its finder, to another member and to a newcomer, and a freeze where it is", async () => {
  const asked = new Map<string, { refusals: readonly PairRefusal[]; frozen: boolean }>();
  const asking = (name: string): Approve => (request) => {
    if (request.kind === "reshare") asked.set(name, request);
    return Promise.resolve("accept");
  };
  await using scene = await withTreasury({ scheme: "ecdsa", node: (name) => ({ approve: asking(name) }) });
  scene.arm("bob", banning[0]!);
  const seen = await scene.sign(["alice", "bob"]);
  assertFails(scene, seen, "alice", { code: "invalid-multiplication", culprits: ["bob"] });
  // A row that cannot be read freezes its key.
  await scene.everyone("carol").store.swap(`frozen/${scene.key.session}`, null, new Uint8Array(64));
  scene.cluster.kill("carol");
  await scene.cluster.boot("carol");
  await scene.cluster.linked();
  await scene.clock.pass(3_000);
  assert.equal((await handOver(scene, "bob")).value?.epoch, 2);
  const refusals = [{ kind: "ban", by: scene.peer("alice"), other: scene.peer("bob") }];
  for (const name of ["alice", "carol", "dave"]) {
    const { refusals: shown, frozen } = asked.get(name)!;
    assert.deepEqual([shown, frozen], [refusals, name === "carol"], name);
  }
});
