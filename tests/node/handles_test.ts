import assert from "node:assert/strict";
import type { QuorateNode } from "../../mod.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { Cluster } from "../sim/cluster.ts";

const name = { wallet: "treasury", scheme: "ed25519" } as const;

/** The messages of sessions take half a second, so that one is seen while it runs. */
const carry = () => ({ protocol, bytes }: { protocol: string; bytes: Uint8Array }) => [
  { bytes, afterMs: protocol === protocols.session ? 500 : 0 },
];

/** The result of a session as another node has it, and what that is until it has settled. */
function watched(node: QuorateNode, id: string) {
  const seen: { result: unknown } = { result: "none yet" };
  const result = node.session(id)!.result.then(
    (value) => seen.result = value,
    (error) => seen.result = error.code,
  );
  return { seen, result };
}

Deno.test("session() of another initiator's resolves with null when that is done and not before, and rejects as it fails", async () => {
  await using cluster = await Cluster.start({ names: ["alice", "bob"], carry });
  const [alice, bob] = [cluster.at("alice").node, cluster.at("bob").node];
  await cluster.clock.pass(2_000);
  for (const expected of [null, "cancelled"]) {
    const session = alice.generateKey({ ...name, wallet: `wallet ${expected}`, threshold: 2 });
    while (bob.session(session.id) === undefined) await cluster.clock.pass(1);
    const { seen, result } = watched(bob, session.id);
    await cluster.clock.pass(0);
    assert.equal(seen.result, "none yet");
    if (expected !== null) session.cancel();
    await cluster.clock.until(session.result.catch(() => {}));
    await cluster.clock.until(result);
    assert.equal(seen.result, expected);
  }
});

Deno.test("session() of another initiator's ends with shutdown if this node stops first", async () => {
  await using cluster = await Cluster.start({ names: ["alice", "bob", "carol"], carry });
  const [alice, carol] = [cluster.at("alice").node, cluster.at("carol").node];
  await cluster.clock.pass(2_000);
  const session = alice.generateKey({ ...name, threshold: 2 });
  while (carol.session(session.id) === undefined) await cluster.clock.pass(1);
  const { seen, result } = watched(carol, session.id);
  await cluster.clock.until(carol.stop());
  await cluster.clock.until(result);
  assert.equal(seen.result, "shutdown");
  await cluster.clock.until(session.result.catch(() => {}));
});

Deno.test("peers is the same map until something of them changes", async () => {
  await using cluster = await Cluster.start({ names: ["alice", "bob"] });
  const { node } = cluster.at("alice");
  await cluster.clock.pass(2_000);
  const before = node.peers;
  assert.equal(node.peers, before);
  await cluster.clock.until(cluster.at("bob").node.stop());
  await cluster.clock.pass(2_000);
  assert.notEqual(node.peers, before);
  assert.equal(before.get(cluster.peer("bob"))!.connected, true, "the earlier one stays as it was");
  assert.equal(node.peers.get(cluster.peer("bob"))!.connected, false);
});

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
