import assert from "node:assert/strict";
import { Outcomes } from "../../../src/cluster/commands/outcome/outcomes.ts";
import { StoreError } from "../../../src/errors.ts";
import type { Rows } from "../../../src/keystore/rows.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { sealedRecords } from "../../../src/store/sealed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";

const day = 24 * 3_600_000;
/** The part of their commands' keys that tells initiators apart: see `commandKey`. */
const [alice, bob] = ["a1".repeat(8), "b0".repeat(8)] as const;
const outcome = (first: number, length = 1_300) => new Uint8Array(length).fill(first);

/** One node's disk and clock, and its outcomes. */
async function stage({ maxBytes = 1 << 20 } = {}) {
  const random = seededRandom("outcomes");
  const clock = new VirtualClock();
  const plain = sealedRecords(memoryStore(), random(32), random);
  const writes: string[] = [];
  const reads: string[] = [];
  let isBroken = false;
  const rows: Rows = {
    ...plain,
    get(name) {
      reads.push(name);
      return plain.get(name);
    },
    async swap(name, from, row) {
      writes.push(name);
      if (isBroken) throw new StoreError(`Cannot write ${name}`);
      return await plain.swap(name, from, row);
    },
  };
  const open = () => Outcomes.open(rows, { clock, keptMs: 7 * day, maxBytes });
  const node = { outcomes: await open() };
  const fresh = (by = alice) => ({ id: by + random(16).toHex(), expires: clock.now() + 60_000 });
  return {
    ...{ rows, writes, reads, clock, node, fresh },
    restart: async () => void (node.outcomes = await open()),
    breaks: (is: boolean) => isBroken = is,
  };
}

Deno.test("Outcomes keep the first outcome of each command, in rows that take more and in rows that take none, also after a restart", async () => {
  const { node, fresh, restart, reads } = await stage();
  const all = Array.from({ length: 40 }, fresh);
  for (const [i, command] of all.entries()) {
    await node.outcomes.keep(command, outcome(i, i === 7 ? 90_000 : 600));
  }
  for (const again of [false, true]) {
    reads.length = 0;
    if (again) await restart();
    if (again) assert.deepEqual(reads, [], "a start reads none");
    for (const [i, command] of all.entries()) assert.equal((await node.outcomes.of(command))?.[0], i);
    assert.equal(await node.outcomes.of(fresh()), null);
  }
});

Deno.test("Outcomes that may come later are there at once, on disk a second later with few writes, and when a node stops", async () => {
  const { node, fresh, restart, writes, clock, breaks } = await stage();
  const all = Array.from({ length: 16 }, fresh);
  for (const [i, command] of all.entries()) node.outcomes.keepLater(command, outcome(i));
  node.outcomes.keepLater(all[3]!, outcome(99));
  assert.equal((await node.outcomes.of(all[3]!))?.[0], 3, "the first one counts");
  assert.deepEqual(writes, []);
  await clock.pass(1_100);
  assert.ok(writes.length <= 2, writes.join());
  const last = fresh();
  breaks(true);
  node.outcomes.keepLater(last, outcome(17));
  await node.outcomes.flush();
  assert.equal((await node.outcomes.of(last))?.[0], 17, "what cannot be written is still known");
  breaks(false);
  await node.outcomes.close();
  node.outcomes.keepLater(fresh(), outcome(18));
  assert.equal(clock.waiting, 0, "a node that has stopped waits for nothing");
  await restart();
  for (const [i, command] of all.entries()) assert.equal((await node.outcomes.of(command))?.[0], i);
  assert.equal((await node.outcomes.of(last))?.[0], 17);
});

Deno.test("Outcomes are kept for seven days after their command has expired, and their rows are deleted after that", async () => {
  const { node, fresh, rows, clock } = await stage();
  const early = fresh();
  await node.outcomes.keep(early, outcome(1));
  await clock.pass(7 * day);
  await node.outcomes.keep(fresh(), outcome(2));
  assert.equal((await node.outcomes.of(early))?.[0], 1, "not a minute too early");
  await clock.pass(3 * 60_000);
  await node.outcomes.keep(fresh(), outcome(3));
  assert.equal(await node.outcomes.of(early), null);
  await new Promise((done) => setTimeout(done));
  assert.equal((await rows.names("outcome/")).length, 2);
});

Deno.test("Outcomes take no more bytes than they may: the oldest go first, and the latest minute takes no more when it is full", async () => {
  const { node, fresh, clock } = await stage({ maxBytes: 100_000 });
  const all: { id: string; expires: number }[] = [];
  for (let i = 0; i < 10; i++) {
    await clock.pass(60_000);
    all.push(fresh());
    await node.outcomes.keep(all.at(-1)!, outcome(i, 20_000));
  }
  const kept = await Promise.all(all.map((command) => node.outcomes.of(command)));
  const known = kept.flatMap((one, i) => one ? [i] : []);
  assert.ok(known.length >= 3 && known.length <= 5 && known.at(-1) === 9, known.join());
  const same = Array.from({ length: 10 }, fresh);
  for (const command of same) await node.outcomes.keep(command, outcome(7, 20_000));
  assert.equal(await node.outcomes.of(same.at(-1)!), null);
  assert.ok(await node.outcomes.of(same[0]!));
});

Deno.test("Outcomes of an initiator that has less than its share stay when another's fill the rest, on disk or not", async () => {
  const { node, fresh, clock } = await stage({ maxBytes: 100_000 });
  const theirs = fresh(bob);
  await node.outcomes.keep(theirs, outcome(1, 20_000));
  const unwritten = fresh(bob);
  node.outcomes.keepLater(unwritten, outcome(2, 20_000));
  const flood = [];
  for (let i = 0; i < 10; i++) {
    await clock.pass(60_000);
    flood.push(fresh());
    await node.outcomes.keep(flood.at(-1)!, outcome(i, 20_000));
  }
  assert.equal((await node.outcomes.of(theirs))?.[0], 1);
  assert.equal((await node.outcomes.of(unwritten))?.[0], 2);
  assert.equal((await node.outcomes.of(flood.at(-1)!))?.[0], 9, "the rest is the other's");
  assert.equal(await node.outcomes.of(flood[6]!), null);
});

Deno.test("Outcomes of small rows from before a restart stay: their lengths are read before anything is forgotten", async () => {
  const { node, fresh, clock, restart } = await stage({ maxBytes: 100_000 });
  const all = [];
  for (let i = 0; i < 20; i++) {
    await clock.pass(60_000);
    all.push(fresh());
    await node.outcomes.keep(all.at(-1)!, outcome(i));
  }
  await restart();
  for (const nth of [20, 21]) {
    all.push(fresh());
    await node.outcomes.keep(all.at(-1)!, outcome(nth));
    await clock.pass(1_000);
  }
  for (const [i, command] of all.entries()) assert.equal((await node.outcomes.of(command))?.[0], i);
  for (let i = 0; i < 10; i++) {
    await clock.pass(60_000);
    await node.outcomes.keep(fresh(), outcome(99, 20_000));
  }
  assert.equal(await node.outcomes.of(all[0]!), null, "what is read counts");
});

Deno.test("Outcomes in good rows are found though another row of their minute is damaged", async () => {
  const { node, fresh, rows, restart } = await stage();
  const all = Array.from({ length: 20 }, fresh);
  for (const [i, command] of all.entries()) await node.outcomes.keep(command, outcome(i));
  const [damaged] = (await rows.names("outcome/")).sort();
  await rows.erase(damaged!);
  assert.ok(await rows.swap(damaged!, null, new Uint8Array(9)));
  await restart();
  for (const [i, command] of all.entries()) {
    if (i >= 16) assert.equal((await node.outcomes.of(command))?.[0], i);
    else await assert.rejects(node.outcomes.of(command), StoreError);
  }
});

Deno.test("Outcomes of a minute are written to a row of another name while the rows that it had are deleted", async () => {
  const { node, fresh, clock, restart } = await stage({ maxBytes: 400_000 });
  const early = fresh();
  for (let i = 0; i < 5; i++) await node.outcomes.keep(fresh(), outcome(1, 70_000));
  await clock.pass(60_000);
  await node.outcomes.keep(fresh(), outcome(2, 70_000));
  await node.outcomes.keep(early, outcome(3));
  assert.equal((await node.outcomes.of(early))?.[0], 3);
  await restart();
  assert.equal((await node.outcomes.of(early))?.[0], 3);
});

Deno.test("Outcomes that a full disk does not take are bounded in memory too, and go when their time is over", async () => {
  const { node, fresh, clock, breaks } = await stage({ maxBytes: 100_000 });
  breaks(true);
  const all = Array.from({ length: 20 }, fresh);
  for (const command of all) {
    node.outcomes.keepLater(command, outcome(1, 20_000));
    await node.outcomes.flush();
  }
  const kept = await Promise.all(all.map((command) => node.outcomes.of(command)));
  assert.equal(kept.filter(Boolean).length, 5);
  await clock.pass(7 * day + 3 * 60_000);
  node.outcomes.keepLater(fresh(), outcome(2));
  assert.equal(await node.outcomes.of(all[0]!), null);
});

Deno.test("Outcomes of rows from before a restart are read once, and after that one row for each question", async () => {
  const { node, fresh, reads, restart } = await stage();
  const all = Array.from({ length: 100 }, fresh);
  for (const [i, command] of all.entries()) await node.outcomes.keep(command, outcome(i));
  await restart();
  assert.equal((await node.outcomes.of(all[99]!))?.[0], 99);
  reads.length = 0;
  assert.equal(await node.outcomes.of({ ...all[0]!, id: fresh().id }), null);
  assert.deepEqual(reads, [], "one that is not there reads none");
  for (const [i, command] of all.entries()) assert.equal((await node.outcomes.of(command))?.[0], i);
  assert.equal(reads.length, 100);
});
