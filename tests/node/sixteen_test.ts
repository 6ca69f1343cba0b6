import assert from "node:assert/strict";
import { ed25519 } from "@noble/curves/ed25519.js";
import { Cluster } from "../sim/cluster.ts";

Deno.test("sixteen peers make a 9-of-16 key over the whole stack, and any nine of them sign", async () => {
  const names = Array.from({ length: 16 }, (_, i) => `peer ${String(i + 1).padStart(2, "0")}`);
  await using cluster = await Cluster.start({ names });
  const { node } = cluster.at("peer 01");
  const name = { wallet: "sixteen", scheme: "ed25519" } as const;
  const key = await cluster.clock.until(node.generateKey({ ...name, threshold: 9 }).result);
  assert.equal(key.members.length, 16);
  const message = new TextEncoder().encode("nine of sixteen");
  const { bytes } = await cluster.clock.until(node.sign({ ...name, message }).result);
  assert.ok(ed25519.verify(bytes, message, key.publicKey, { zip215: false }));
});
