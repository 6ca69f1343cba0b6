import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { verify } from "../../mod.ts";
import { testCluster, VirtualClock } from "../../src/testing.ts";

const message = new TextEncoder().encode("hi");

Deno.test("testCluster(3) makes a key and signs, by the platform's clock", async () => {
  await using cluster = await testCluster(3);
  const [{ node }] = cluster.peers as [typeof cluster.peers[number]];
  const key = await node.generateKey({ wallet: "ours", scheme: "ed25519", threshold: 2 }).result;
  const signature = await node.sign({ wallet: "ours", scheme: "ed25519", message }).result;
  ok(verify(key, { message }, signature));
  deepEqual(cluster.peers.map(({ name }) => name), ["holder 1", "holder 2", "holder 3"]);
});

Deno.test("testCluster() with a client lets that ask, and with a virtual clock an hour is over at once", async () => {
  const clock = new VirtualClock();
  await using cluster = await testCluster(2, {
    clients: 1,
    clock,
    node: (name) => name === "holder 2" ? { approve: () => new Promise(() => {}) } : {},
  });
  const client = cluster.peers.at(-1)!.node;
  const began = performance.now();
  const request = { wallet: "ours", scheme: "ed25519", threshold: 2 } as const;
  const key = client.generateKey(request, { lifetimeMs: 600_000 });
  await rejects(clock.until(key.result, 3_600_000), { name: "SessionError", code: "unanswered" });
  ok(clock.monotonic() >= 500_000, `${clock.monotonic()} ms of its time`);
  ok(performance.now() - began < 60_000);
});

Deno.test("testCluster(): a killed peer is missed, and signs again once it is restarted", async () => {
  const clock = new VirtualClock();
  await using cluster = await testCluster(2, { clock });
  const [one, other] = cluster.peers as [typeof cluster.peers[number], typeof cluster.peers[number]];
  const name = { wallet: "ours", scheme: "ed25519" } as const;
  await clock.until(one.node.generateKey({ ...name, threshold: 2 }).result);
  await cluster.kill(other);
  equal(one.node.peers.get(other.peer)!.connected, false);
  await rejects(clock.until(one.node.sign({ ...name, message }).result), { code: "not-enough-peers" });
  await cluster.restart(other);
  const { bytes } = await clock.until(other.node.sign({ ...name, message }).result);
  equal(bytes.length, 64);
});

Deno.test("testCluster() refuses a count that is no cluster", async () => {
  for (const holders of [1, 17, 2.5, NaN]) {
    await rejects(testCluster(holders), { name: "InputError", field: "holders" });
  }
  await rejects(testCluster(2, { clients: 17 }), { name: "InputError", field: "clients" });
});

Deno.test("VirtualClock waits for WebCrypto, which no timer announces, once a cluster has it counted", async () => {
  const clock = new VirtualClock();
  await using _cluster = await testCluster(2, { clock });
  const began = clock.monotonic();
  using _deadline = clock.timer(1_000, () => {});
  const keys = crypto.subtle.generateKey({ ...rsa }, true, ["sign", "verify"]); // 100 ms and more
  await clock.until(keys);
  equal(clock.monotonic(), began);
});

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 3072,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: "SHA-256",
};
