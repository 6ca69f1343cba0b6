/**
 * Checks of single defences against disks that go back, clocks that leap, and second keys of a name.
 */
import assert from "node:assert/strict";
import type { NodeEvent } from "../../src/events.ts";
import { presenceEvery } from "../../src/limits.ts";
import { protocols } from "../../src/cluster/context.ts";
import { questionRecord } from "../../src/cluster/keys/sync_question.ts";
import { Cluster } from "./cluster.ts";
import { Disk } from "./disk.ts";
import { stubIdentity } from "./identity.ts";
import { oneKey } from "./invariants.ts";
import { toyVault } from "./toy_vault.ts";
import { saying } from "../../src/demo/cheats/cheat_wire.ts";
import type { World } from "./world.ts";

const all = ["alice", "bob", "carol"];

/** Three whose disks can go back; when “ours” is active at alice, `active` is told. Carol's vote never reaches bob. */
async function threeDisks(active: (cluster: Cluster) => void = () => {}) {
  const disks = new Map<string, Disk>();
  /** Questions of bob that never arrive. */
  const unheard: string[] = [];
  let made: Cluster;
  const cluster = await Cluster.start({
    identities: stubIdentity,
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
    made: (cluster) => made = cluster,
    store(name) {
      const disk = new Disk(() => made.clock.monotonic());
      disks.set(name, disk);
      return disk;
    },
    told(name, event) {
      const own = name === "alice" && event.type === "key" && event.peer === made.peer(name);
      if (own && event.state === "active" && event.wallet === "ours") active(made);
    },
    carry: () => ({ bytes, protocol, from }) =>
      protocol === protocols.sync && from === made.peer("bob") && unheard.includes(questionIn(bytes) ?? "")
        ? []
        : [{ bytes, afterMs: 1 }],
    node: (name) => ({
      wrapWire: (wire) =>
        saying(
          wire,
          (one) => name === "carol" && one.round === "/vote" && one.to === made.peer("bob") ? [] : [one],
        ),
    }),
  });
  const newKey = async (wallet = "ours") => {
    const making = cluster.at("alice").node.generateKey({ wallet, curve: "ed25519", threshold: 2 }).result;
    return await cluster.clock.until(making.then(() => "made", ({ code }) => String(code)));
  };
  /** Carol's process ends, and starts with her disk as it was after that many writes since the mark. */
  const goBack = async (kept: number) => {
    cluster.kill("carol");
    await disks.get("carol")!.goBack(kept);
    await cluster.boot("carol");
  };
  const opened = () => 1 + disks.get("carol")!.writes.findIndex(({ name }) => name.startsWith("key/"));
  return { cluster, disk: disks.get("carol")!, unheard, newKey, goBack, opened };
}

/** What is asked for over sync; null if that is no question. */
function questionIn(bytes: Uint8Array): string | null {
  try {
    return questionRecord.decode(bytes).about;
  } catch {
    return null;
  }
}

/** These meet, and no others. */
function only(cluster: Cluster, ...pairs: readonly (readonly [string, string])[]): void {
  cluster.network.reachable((a, b) =>
    pairs.some((pair) => pair.includes(cluster.nameOf(a)) && pair.includes(cluster.nameOf(b)))
  );
}

/** What a node has told itself. */
const ownOf = (cluster: Cluster, name: string): NodeEvent[] =>
  cluster.at(name).events.filter((event) => "peer" in event && event.peer === cluster.peer(name));
const keyStates = (cluster: Cluster, name: string) =>
  ownOf(cluster, name).flatMap((event) =>
    event.type === "key" && event.wallet === "ours" ? [event.state] : []
  );
const accused = (cluster: Cluster, name: string) =>
  ownOf(cluster, name).flatMap((event) =>
    event.type === "contradiction"
      ? [`contradiction ${cluster.nameOf(event.culprit)}`]
      : event.type === "failed"
      ? event.culprits.map((peer) => `${event.code} ${cluster.nameOf(peer)}`)
      : []
  );
const held = async (cluster: Cluster, name: string) =>
  (await cluster.at(name).node.keys()).find(({ wallet }) => wallet === "ours")?.held;
const signs = (cluster: Cluster, signers: readonly string[]) =>
  cluster.clock.until(
    cluster.at(signers[0]!).node.sign({
      wallet: "ours",
      curve: "ed25519",
      message: new Uint8Array(1),
      signers: signers.map((name) => cluster.peer(name)),
    }).result,
  );

Deno.test("who knows that its disk went back says lost of what the copy had opened, also after its operator's word", async () => {
  for (const confirmed of [false, true]) {
    const { cluster, disk, unheard, newKey, goBack, opened } = await threeDisks();
    await using _cluster = cluster;
    unheard.push("vote", "keys");
    await disk.mark();
    assert.equal(await newKey(), "wallet-pending");
    await cluster.clock.pass(2 * presenceEvery); // bob has heard of the generation in which carol has voted
    assert.deepEqual(keyStates(cluster, "bob"), ["pending"]);
    only(cluster, ["bob", "carol"]);
    await goBack(opened());
    await cluster.clock.pass(5_000);
    assert.equal(cluster.at("carol").node.rolledBack, "rolled-back");
    // Bob asks her about it before her operator has spoken, or only after that.
    if (confirmed) await cluster.clock.until(cluster.at("carol").node.confirmRestored());
    unheard.length = 0;
    await cluster.clock.pass(60_000);
    assert.equal(cluster.at("carol").node.rolledBack, confirmed ? null : "rolled-back");
    assert.deepEqual(keyStates(cluster, "bob"), ["pending"], "lost frees nothing");
    cluster.network.reachable(() => true);
    await cluster.clock.pass(60_000);
    assert.equal(keyStates(cluster, "bob").at(-1), "active");
    for (const name of all) assert.deepEqual(accused(cluster, name), [], name);
    await signs(cluster, ["alice", "bob"]);
  }
});

Deno.test("whose disk went back to between the opening and a vote that few have heard of says no: both words are told, no session fails by it, and every other share stays", async () => {
  const { cluster, disk, newKey, goBack, opened } = await threeDisks((cluster) =>
    only(cluster, ["alice", "carol"])
  );
  await using _cluster = cluster;
  await disk.mark();
  assert.equal(await newKey(), "wallet-pending");
  only(cluster);
  await goBack(opened());
  only(cluster, ["bob", "carol"]);
  await cluster.clock.pass(60_000);
  assert.equal(cluster.at("carol").node.rolledBack, null, "bob cannot know");
  assert.deepEqual(keyStates(cluster, "bob"), ["pending", "given-up"]);
  cluster.network.reachable(() => true);
  await cluster.clock.pass(60_000);
  assert.deepEqual(keyStates(cluster, "bob"), ["pending", "given-up", "active"]);
  assert.deepEqual([...accused(cluster, "alice"), ...accused(cluster, "bob")], ["contradiction carol"]);
  assert.deepEqual(await Promise.all(all.map((name) => held(cluster, name))), [true, true, false]);
  assert.deepEqual(cluster.at("alice").node.bans(), []);
  await signs(cluster, ["bob", "alice"]);
});

Deno.test("who knows that its disk went back says so to all, however far its own count has grown, until its operator's word", async () => {
  const { cluster, disk, newKey, goBack } = await threeDisks();
  await using _cluster = cluster;
  await disk.mark();
  await newKey();
  await newKey("another");
  await cluster.clock.pass(2 * presenceEvery);
  await goBack(0);
  const known = () =>
    ["alice", "bob"].map((name) => cluster.at(name).node.peers.get(cluster.peer("carol"))!.rolledBack);
  for (let start = 0; start < 8; start++) {
    await cluster.clock.pass(presenceEvery);
    assert.equal(cluster.at("carol").node.rolledBack, "rolled-back", `start ${start}`);
    assert.deepEqual(known(), [true, true], `start ${start}`);
    cluster.kill("carol");
    await cluster.boot("carol");
  }
  await cluster.clock.pass(presenceEvery);
  await cluster.clock.until(cluster.at("carol").node.confirmRestored());
  await cluster.clock.pass(2 * presenceEvery);
  assert.deepEqual(known(), [false, false]);
  assert.equal(cluster.at("carol").node.rolledBack, null);
});

Deno.test("a wall clock that leaps in the middle of a key generation ends nothing and cuts no link; both ends say how far", async () => {
  for (const days of [2, -2]) {
    const ms = days * 86_400_000;
    await using cluster = await Cluster.start({
      identities: stubIdentity,
      vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
      told(name, event) {
        if (name === "bob" && event.type === "opened" && event.kind === "generate") {
          cluster.setClock("bob", ms);
        }
      },
    });
    const { node } = cluster.at("alice");
    await cluster.clock.until(node.generateKey({ wallet: "ours", curve: "ed25519", threshold: 2 }).result);
    await cluster.clock.pass(3 * presenceEvery);
    for (const [by, of, seconds] of [["alice", "bob", ms / 1_000], ["bob", "alice", -ms / 1_000]] as const) {
      const said = ownOf(cluster, by).flatMap((event) =>
        event.type === "warning" && event.code === "clock-difference" && event.via === cluster.peer(of)
          ? [event.seconds]
          : []
      );
      assert.deepEqual(said, [seconds], `${by} of ${of}`);
    }
    for (const name of all) {
      const links = ownOf(cluster, name).filter((event) => event.type === "link" && event.state !== "up");
      assert.deepEqual(links, [], name);
    }
    await signs(cluster, ["alice", "carol"]);
    cluster.setClock("bob", 0);
    await cluster.clock.pass(presenceEvery);
    await signs(cluster, ["bob", "alice"]);
  }
});

Deno.test("oneKey() finds two active keys of one name, and lets them be where that is proven", async () => {
  const key = { wallet: "ours", curve: "ed25519", state: "active" };
  const keys = [{ ...key, session: "01" }, { ...key, session: "02" }];
  const world = (keys: readonly object[], ...excused: string[]) =>
    ({
      cluster: {
        nodes: new Map([["alice", { name: "alice", node: { keys: () => Promise.resolve(keys) } }]]),
      },
      excused: new Set(excused),
    }) as unknown as World;
  assert.deepEqual((await oneKey(world(keys))).map(({ invariant }) => invariant), ["I19 one key"]);
  assert.deepEqual(await oneKey(world(keys, "ed25519 ours")), []);
  for (const other of [{ curve: "secp256k1" }, { wallet: "others" }, { state: "pending" }]) {
    assert.deepEqual(await oneKey(world([keys[0]!, { ...keys[1], ...other }])), []);
  }
});
