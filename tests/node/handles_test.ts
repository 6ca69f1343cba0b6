import assert from "node:assert/strict";
import { Cluster } from "../sim/cluster.ts";

Deno.test("session() knows the last thousand sessions, and a node that has asked for more forgets the first", async () => {
  await using cluster = await Cluster.start({ names: ["alice", "bob"] });
  const { node } = cluster.at("alice");
  const asked: string[] = [];
  for (let n = 0; n < 1_050; n++) {
    const session = node.generateKey({ wallet: "never", scheme: "ed25519", threshold: 2 });
    session.cancel();
    await cluster.clock.until(session.result.then(() => assert.fail("made"), () => {}));
    asked.push(session.id);
  }
  assert.equal(node.session(asked[0]!), undefined);
  for (const id of asked.slice(-1_000)) assert.equal(node.session(id)?.id, id);
});
