import assert from "node:assert/strict";
import { Scene } from "../negative/scene.ts";

const key = { wallet: "treasury", scheme: "ed25519" } as const;

/** Whether a promise has settled, and how. */
function watched(promise: Promise<void>): { state: string } {
  const seen = { state: "waiting" };
  promise.then(() => seen.state = "ready", (reason) => seen.state = String(reason?.code ?? reason));
  return seen;
}

Deno.test("ready() resolves when the peers are there and enough holders of the keys are, and not before", async () => {
  await using scene = await Scene.start({ threshold: 2, consoles: ["eve"] });
  for (const name of ["alice", "bob", "eve"]) scene.cluster.kill(name);
  await scene.cluster.boot("eve");
  const { node } = scene.cluster.at("eve");
  const peers = [scene.peer("bob")];
  const all = watched(node.ready({ peers, keys: [key] }));
  const [nothing, keys] = [watched(node.ready({})), watched(node.ready({ keys: [key] }))];
  await scene.clock.pass(10_000);
  assert.deepEqual(
    [all.state, nothing.state, keys.state],
    ["waiting", "ready", "waiting"],
    "carol is there alone",
  );
  await scene.cluster.boot("alice");
  await scene.clock.pass(10_000);
  assert.deepEqual([all.state, keys.state], ["waiting", "ready"]);
  await scene.cluster.boot("bob");
  await scene.clock.pass(10_000);
  assert.equal(all.state, "ready");
  const signed = await scene.clock.until(node.sign({ ...key, message: new Uint8Array(3) }).result);
  assert.equal(signed.bytes.length, 64);
});

Deno.test("ready() of a holder waits for the links of other holders", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  scene.cluster.kill("alice");
  const { node } = await scene.cluster.boot("alice");
  await scene.clock.until(
    node.ready({ peers: ["bob", "carol"].map((name) => scene.peer(name)), keys: [key] }),
  );
  assert.equal(node.peers.get(scene.peer("bob"))?.link, "up");
});

Deno.test("ready() rejects with the reason of its signal, at once if that has been aborted, and with shutdown when the node stops", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const node = scene.node("alice");
  scene.cluster.kill("bob");
  scene.cluster.kill("carol");
  await scene.clock.pass(500);
  const peers = [scene.peer("bob")];
  const [now, later] = [AbortSignal.abort("no"), new AbortController()];
  const seen = [now, later.signal].map((signal) => watched(node.ready({ peers, signal })));
  const stopped = watched(node.ready({ peers }));
  await scene.clock.pass(100);
  assert.deepEqual(seen.map(({ state }) => state), ["no", "waiting"]);
  later.abort("enough");
  await scene.clock.pass(0);
  assert.equal(seen[1]!.state, "enough");
  await assert.rejects(node.ready({ signal: AbortSignal.abort("no") }), (reason) => reason === "no");
  await scene.clock.until(node.stop());
  assert.equal(stopped.state, "shutdown");
});

Deno.test("ready() names a peer that is not in the roster, this one, and a wallet that can be none", async () => {
  await using scene = await Scene.start({});
  const node = scene.node("alice");
  const field = (options: Parameters<typeof node.ready>[0]) => {
    try {
      void node.ready(options);
    } catch (error) {
      return (error as { field?: string }).field;
    }
  };
  assert.equal(field({ peers: ["12D3KooWStranger"] }), "peers");
  assert.equal(field({ peers: [node.self] }), "peers");
  assert.equal(field({ keys: [{ ...key, wallet: "" }] }), "wallet");
});
