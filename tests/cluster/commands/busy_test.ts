import assert from "node:assert/strict";
import type { Store } from "../../../src/ports.ts";
import { pause } from "../../../src/session/deadline.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { Cluster } from "../../sim/cluster.ts";

const wallet = "treasury";
const message = new TextEncoder().encode("at once");

/** A store on which a key's last write, which makes it active, takes so long. */
function lateStore(inner: Store, ms: number, made: () => Cluster): Store {
  return {
    get: (name) => inner.get(name),
    names: (prefix) => inner.names(prefix),
    close: () => inner.close(),
    async swap(name, from, sealed) {
      if (name.startsWith("key/") && from === 2) {
        await pause(made().clock, ms, new AbortController().signal);
      }
      return await inner.swap(name, from, sealed);
    },
  };
}

async function clusterWithLate(ms: number): Promise<Cluster> {
  let made: Cluster;
  return await Cluster.start({
    made: (cluster) => made = cluster,
    store: (name) => name === "carol" ? lateStore(memoryStore(), ms, () => made) : memoryStore(),
  });
}

/** Makes the key; who asked is told when all have it, but its own row is active before that. */
async function activeHere(cluster: Cluster): Promise<void> {
  const { node } = cluster.at("alice");
  node.generateKey({ wallet, curve: "ed25519", threshold: 2 }).result.catch(() => {}); // it comes late, or says who is late
  for (let waited = 0; waited < 30_000; waited += 10) {
    if ((await node.keys()).some(({ state }) => state === "active")) return;
    await cluster.clock.pass(10);
  }
}

Deno.test("sign() waits a moment for a member that is still ending the key's generation", async () => {
  await using cluster = await clusterWithLate(1_000);
  const { node } = cluster.at("alice");
  await activeHere(cluster);
  const signers = [cluster.peer("alice"), cluster.peer("carol")];
  const begun = cluster.clock.monotonic();
  const signature = await cluster.clock.until(
    node.sign({ wallet, curve: "ed25519", message, signers }).result,
  );
  assert.equal(signature.bytes.length, 64);
  assert.ok(cluster.clock.monotonic() - begun >= 500, "Carol's key was not active at once");
});

Deno.test("sign() waits no longer than 1.5 s for a member whose key stays pending, and quotes it", async () => {
  await using cluster = await clusterWithLate(60_000);
  const { node } = cluster.at("alice");
  await activeHere(cluster);
  const signers = [cluster.peer("alice"), cluster.peer("carol")];
  const begun = cluster.clock.monotonic();
  const { result } = node.sign({ wallet, curve: "ed25519", message, signers });
  await cluster.clock.until(assert.rejects(result, (error: { code: string; claims: { code: string }[] }) => {
    assert.deepEqual([error.code, ...error.claims.map(({ code }) => code)], ["declined", "wallet-busy"]);
    return true;
  }));
  const waited = cluster.clock.monotonic() - begun;
  assert.ok(waited >= 1_500 && waited < 2_500, `${waited} ms`);
});

Deno.test("generateKey() of one name by two at the same moment makes one key, and tells the other that somebody else is at it", async () => {
  for (let seed = 0; seed < 6; seed++) {
    await using cluster = await Cluster.start({ seed: `same name ${seed}` });
    const outcomes = await cluster.clock.until(
      Promise.all(
        ["alice", "bob"].map((name) =>
          cluster.at(name).node.generateKey({ wallet, curve: "ed25519", threshold: 2 }).result
            .then(() => "made", (error) => error.code as string)
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === "made").length, 1, `${seed}: ${outcomes}`);
    assert.ok(outcomes.some((outcome) => ["wallet-busy", "wallet-exists"].includes(outcome)), `${outcomes}`);
    assert.equal((await cluster.at("carol").node.keys()).length, 1);
  }
});
