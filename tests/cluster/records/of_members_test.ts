import assert from "node:assert/strict";
import { banRecord } from "../../../src/cluster/records/ban_record.ts";
import { type Presence, Presences } from "../../../src/cluster/rollback/presence.ts";
import { ToldBans } from "../../../src/cluster/keys/told_bans.ts";
import { TakenBatches, ToldBudget } from "../../../src/cluster/links/told_budget.ts";
import { ToldQuarantines } from "../../../src/cluster/keys/told_quarantines.ts";
import { toldAtOnce } from "../../../src/limits.ts";
import { sign } from "../../../src/session/signed.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../../src/store/sealed.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const onlyBob = (peer: string) => peer === "bob";

Deno.test("keepOnly() forgets what is of who left, and nothing else: presences", () => {
  const presences = new Presences();
  const presence = (peer: string, boot: number) => ({ peer, boot: new Uint8Array(8).fill(boot), time: 1 });
  for (const peer of ["eve", "bob"]) {
    for (const boot of [1, 2]) assert.ok(presences.answered(presence(peer, boot) as Presence));
  }
  presences.keepOnly(onlyBob);
  assert.deepEqual([presences.boots("eve"), presences.boots("bob")], [0, 2]);
});

Deno.test("keepOnly() forgets what is of who left, and nothing else: batches and what is paid for them", () => {
  const budget = new ToldBudget({ monotonic: () => 0 });
  const taken = new TakenBatches();
  const batch = new Uint8Array(3);
  for (const peer of ["eve", "bob"]) {
    taken.add(peer, batch);
    for (let i = 0; i < toldAtOnce; i++) budget.spend(peer, "presence");
  }
  for (const kept of [budget, taken]) kept.keepOnly(onlyBob);
  assert.deepEqual([taken.has("eve", batch), taken.has("bob", batch)], [false, true]);
  assert.deepEqual([budget.spend("eve", "presence"), budget.spend("bob", "presence")], [true, false]);
});

Deno.test("keepOnly() forgets what is of who left, and nothing else: quarantines", () => {
  const quarantines = new ToldQuarantines();
  const about = {
    wallet: "treasury",
    curve: "ed25519",
    key: "0a".repeat(32),
    other: "carol",
    at: 1,
  } as const;
  for (const by of ["eve", "bob"]) quarantines.take(by, [{ ...about, by }]);
  quarantines.keepOnly(onlyBob);
  assert.deepEqual(quarantines.all().map(({ by }) => by), ["bob"]);
});

Deno.test("keepOnly() forgets what is of who left, and nothing else: bans, on disk too", async () => {
  const random = seededRandom("members");
  const [eve, bob, carol] = [
    await nobleIdentity(random),
    await nobleIdentity(random),
    await nobleIdentity(random),
  ];
  const store = memoryStore();
  const rows = sealedRecords(store, await openDataKey(store, carol.secrets(), random), random);
  const bans = await ToldBans.open(rows);
  const about = { wallet: "treasury", curve: "secp256k1", epoch: 0, other: carol.peer, at: 1 } as const;
  const ban = { ...about, key: new Uint8Array(32), session: new Uint8Array(32) };
  for (const by of [eve, bob]) await bans.tell(await sign(by, banRecord, ban));
  bans.keepOnly((peer) => peer === bob.peer);
  assert.deepEqual(bans.all().map(({ by }) => by), [bob.peer]);
  await new Promise((resolve) => setTimeout(resolve)); // the row is erased meanwhile
  assert.deepEqual((await ToldBans.open(rows)).all().map(({ by }) => by), [bob.peer]);
  await bans.tell(await sign(eve, banRecord, ban));
  assert.equal(bans.all().length, 2, "whoever comes back is heard again");
});
