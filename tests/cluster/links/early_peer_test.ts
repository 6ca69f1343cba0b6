import assert from "node:assert/strict";
import type { Transport } from "../../../src/ports.ts";
import { Cluster } from "../../sim/cluster.ts";

/** Resolves only when the node is connected to `others` already. */
function slowToStart(inner: Transport, others: () => readonly (readonly [string, string])[]): Transport {
  return {
    kind: inner.kind,
    async start(host) {
      const network = await inner.start(host);
      const { signal } = new AbortController();
      for (const [peer, address] of others()) await network.connect(peer, [address], signal);
      return network;
    },
  };
}

Deno.test("assembleNode() meets and links whoever is connected before its transport has started", async () => {
  let made: Cluster;
  await using cluster = await Cluster.start({
    names: ["alice", "bob"],
    seed: "early4",
    made: (cluster) => made = cluster,
    node: (name) => {
      const others = () => [[made.peer("alice"), "/memory/alice"]] as const;
      return name === "bob" ? { transport: slowToStart(made.network.transport(), others) } : {};
    },
  });
  assert.ok(cluster.peer("bob") < cluster.peer("alice"), "by this seed Bob is the one who begins the link");
  assert.ok(cluster.clock.monotonic() < 1_000, `linked after ${cluster.clock.monotonic()} ms`);
});
