import assert from "node:assert/strict";
import { banRecord } from "../../src/cluster/records/ban_record.ts";
import { Bans } from "../../src/cluster/keys/bans.ts";
import type { Identity, Store } from "../../src/ports.ts";
import { sign } from "../../src/session/signed.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../src/store/sealed.ts";
import { cheat } from "../sim/cheats.ts";
import { Cluster, seededRandom } from "../sim/cluster.ts";
import { VirtualClock } from "../sim/clock.ts";
import { stubIdentity } from "../sim/identity.ts";
import type { Schedule } from "../sim/schedule.ts";
import { phaseOf } from "../sim/tap.ts";
import { toyVault } from "../sim/toy_vault.ts";
import { saying } from "../../src/demo/cheats/cheat_wire.ts";

const key = { wallet: "ours", curve: "secp256k1" } as const;

/** Alice has banned bob, and carol knows. Then alice's disk is as it was before. */
async function bannedAndBack(): Promise<{ cluster: Cluster; before: Map<string, Uint8Array> }> {
  const cluster = await Cluster.start({
    identities: stubIdentity,
    vault: ({ peer }, random, clock) => toyVault(peer, random, clock),
    node: (name) => ({
      wrapWire: (wire) =>
        saying(
          wire,
          (said) =>
            name === "bob" && said.round === "correct"
              ? [
                cheat(
                  { fault: "bad-multiplication", phase: phaseOf("sign", "correct") } as Schedule,
                  said,
                  false,
                )!,
              ]
              : [said],
        ),
    }),
  });
  const { node, store } = cluster.at("alice");
  await cluster.clock.until(node.generateKey({ ...key, threshold: 2 }).result);
  await cluster.clock.pass(1_000);
  const before = await rowsOf(store);
  const signers = ["alice", "bob"].map((name) => cluster.peer(name));
  const { result } = node.sign({ ...key, message: new Uint8Array(1), signers });
  await assert.rejects(cluster.clock.until(result), { code: "invalid-multiplication" });
  await cluster.clock.pass(3_000);
  return { cluster, before };
}

async function rowsOf(store: Store): Promise<Map<string, Uint8Array>> {
  const rows = new Map<string, Uint8Array>();
  for (const name of await store.names("")) rows.set(name, (await store.get(name))!.sealed);
  return rows;
}

/** Makes a disk what it was. */
async function putBack(store: Store, before: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const name of new Set([...await store.names(""), ...before.keys()])) {
    const found = await store.get(name);
    await store.swap(name, found?.version ?? null, before.get(name) ?? null);
  }
}

for (const restarted of [false, true]) {
  const also = restarted ? ", also by who was restarted meanwhile" : "";
  Deno.test(`A ban that its finder has lost is handed back to it, signed, and erases the pair again${also}`, async () => {
    const { cluster, before } = await bannedAndBack();
    await using _cluster = cluster;
    const { store } = cluster.at("alice");
    const [ban] = await store.names("ban/");
    const pair = ban!.replace("ban/", "pair/");
    cluster.kill("alice");
    if (restarted) {
      cluster.kill("carol");
      await cluster.boot("carol");
    }
    await putBack(store, before);
    assert.ok(await store.get(pair), "it is there again");
    cluster.network.reachable((a, b) => ![a, b].includes(cluster.peer("bob"))); // who has it has no reason to tell
    await cluster.boot("alice");
    await cluster.clock.pass(3_000);
    assert.deepEqual(await store.names("ban/"), [ban]);
    assert.equal(await store.get(pair), null);
    assert.deepEqual(
      cluster.at("alice").node.bans().map(({ by, other }) => [by, other].map((p) => cluster.nameOf(p))),
      [
        ["alice", "bob"],
      ],
    );
    const told = cluster.at("alice").events.filter((event) =>
      event.type === "ban" && event.peer === cluster.peer("alice")
    );
    assert.equal(told.length, 1);
  });
}

/** Bans with nothing but what they need. */
async function bansOf(self: Identity): Promise<Bans> {
  const random = seededRandom("bans");
  const store = memoryStore();
  const rows = sealedRecords(store, await openDataKey(store, self.secrets(), random), random);
  const stopping = new AbortController().signal;
  return await Bans.open({ rows, clock: new VirtualClock(), self: self.peer, stopping });
}

const banBy = (by: Identity, number: number) => {
  const made = new Uint8Array(32);
  new DataView(made.buffer).setUint32(0, number);
  return sign(by, banRecord, { ...key, epoch: 1, key: made, other: "someone", at: number, session: made });
};

Deno.test("Bans.tell() keeps bans of each peer, however many one of them makes up", async () => {
  const random = seededRandom("three");
  const [self, liar, honest] = [
    await stubIdentity(random, "alice"),
    await stubIdentity(random, "liar"),
    await stubIdentity(random, "honest"),
  ];
  const bans = await bansOf(self);
  for (let i = 0; i < 1_100; i++) await bans.tell(await banBy(liar, i));
  await bans.tell(await banBy(honest, 1));
  const by = (peer: string) => bans.all().filter((ban) => ban.by === peer).length;
  assert.deepEqual([by(liar.peer), by(honest.peer)], [256, 1]);
  assert.equal((await bans.told(self, liar.peer)).length, 256, "each is told its own, and this node's");
  assert.equal((await bans.told(self, honest.peer)).length, 1);
});
