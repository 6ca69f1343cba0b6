import assert from "node:assert/strict";
import { ReplayGuard } from "../../../src/cluster/commands/replay_guard.ts";
import { Frozen } from "../../../src/cluster/keys/frozen.ts";
import type { SessionError } from "../../../src/errors.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { sealedRecords } from "../../../src/store/sealed.ts";
import { seededRandom } from "../../sim/cluster.ts";

const key = "ab".repeat(32);
const [id, other] = ["01".repeat(24), "01".repeat(8) + "02".repeat(16)] as const;
const day = 86_400_000;

/** Rows of one node, and a way to spoil one of them. */
function disk() {
  const random = seededRandom("damaged");
  const store = memoryStore();
  const rows = sealedRecords(store, random(32), random);
  async function spoil(name: string) {
    const { version, sealed } = (await store.get(name))!;
    assert.ok(await store.swap(name, version, sealed.with(-1, sealed.at(-1)! ^ 1)));
  }
  return { rows, spoil };
}

Deno.test("Frozen takes a row that it cannot read for a frozen key, until that is thawed", async () => {
  const { rows, spoil } = disk();
  await (await Frozen.open(rows)).failed(key, day, { named: null, others: [] });
  await spoil(`frozen/${key}`);
  const frozen = await Frozen.open(rows);
  assert.equal(frozen.has(key), true);
  assert.equal((await Frozen.open(rows)).has(key), true, "it stays so");
  await frozen.unfreeze(key);
  assert.equal(frozen.has(key), false);
  assert.equal((await Frozen.open(rows)).has(key), false, "that is on disk");
});

Deno.test("Frozen takes a row of a pair that it cannot read for a quarantine, and the key goes on", async () => {
  const { rows, spoil } = disk();
  const peer = "12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";
  await (await Frozen.open(rows)).failed(key, day, { named: peer, others: [peer] });
  assert.equal((await Frozen.open(rows)).has(key, peer), false);
  await spoil(`frozen/${key}/${peer}`);
  const frozen = await Frozen.open(rows);
  assert.deepEqual([frozen.has(key, peer), frozen.quarantined(key), frozen.has(key)], [true, [peer], false]);
  await frozen.unfreeze(key, peer);
  assert.deepEqual((await Frozen.open(rows)).quarantined(key), []);
});

Deno.test("Frozen counts failures of one set of signers, and freezes a key after twelve of any", async () => {
  const frozen = await Frozen.open(disk().rows);
  for (let i = 0; i < 11; i++) {
    assert.equal(await frozen.failed(key, day + i, { named: null, others: [`set ${i}`] }), false);
  }
  assert.equal(await frozen.failed(key, day + 11, { named: null, others: ["another"] }), true);
  assert.equal(frozen.has(key), true);
});

/** The hash of what a command asks for. */
const content = "07".repeat(32);

/** The options of a guard that keeps ids no longer than it must. */
const guarding = (now: () => number) => ({ now, monotonic: now, outcomesMs: 240_000, idsMs: 240_000 });

Deno.test("ReplayGuard takes a row that it cannot read for every command of its initiator that expires in its minute", async () => {
  const { rows, spoil } = disk();
  let now = day;
  const expires = now + 1_000;
  await (await ReplayGuard.open(rows, guarding(() => now))).add(id, expires, content);
  const [name] = await rows.names("command/");
  await spoil(name!);
  const refused = (error: SessionError) => error.code === "replayed-command";
  let seen = await ReplayGuard.open(rows, guarding(() => now));
  await assert.rejects(seen.add(id, expires, content), refused);
  await assert.rejects(seen.add(other, expires, content), refused);
  await seen.add("03".repeat(24), expires, content); // another initiator's
  await seen.add(other, now + 60_000, content);
  now += 1_000 * day;
  seen = await ReplayGuard.open(rows, guarding(() => now));
  await seen.add("03".repeat(24), now + 1_000, content);
  const late = (error: SessionError) => error.code === "clock-skew";
  await assert.rejects(seen.add(id, expires, content), late, "forgotten is not taken again");
});

Deno.test("ReplayGuard refuses what may have been forgotten, and no more, when it cannot read what was", async () => {
  const { rows, spoil } = disk();
  let now = day;
  await (await ReplayGuard.open(rows, guarding(() => now))).add(id, now + 1_000, content);
  now += 600_000;
  await ReplayGuard.open(rows, guarding(() => now));
  await spoil("commands/forgotten");
  const seen = await ReplayGuard.open(rows, guarding(() => now));
  for (const expires of [day + 1_000, now + 600_000]) {
    await assert.rejects(
      seen.add(id, expires, content),
      (error: SessionError) => error.code === "clock-skew",
    );
  }
  now += 900_000;
  await seen.add(id, now + 600_000, content);
});
