import assert from "node:assert/strict";
import { ReplayGuard } from "../../../src/cluster/commands/replay_guard.ts";
import { type SessionError, StoreError } from "../../../src/errors.ts";
import type { FailureCode } from "../../../src/failure.ts";
import { clockSkew, maxCommandAge, maxCommandIds } from "../../../src/limits.ts";
import type { Rows } from "../../../src/keystore/rows.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { sealedRecords } from "../../../src/store/sealed.ts";
import { seededRandom } from "../../sim/cluster.ts";

const hour = 3_600_000;
const begun = 1_767_225_600_000;
const same = "07".repeat(32);
/** The part of their commands' keys that tells initiators apart: see `commandKey`. */
const [alice, bob] = ["a1".repeat(8), "b0".repeat(8)] as const;

/** Rows in memory, for a test that writes a hundred thousand commands. */
function unsealed(): Rows {
  const all = new Map<string, { version: number; plain: Uint8Array }>();
  return {
    get: (name) => Promise.resolve(all.get(name) ?? null),
    names: (prefix) => Promise.resolve([...all.keys()].filter((name) => name.startsWith(prefix))),
    erase: (name) => Promise.resolve(void all.delete(name)),
    swap(name, from, plain) {
      if ((all.get(name)?.version ?? null) !== from) return Promise.resolve(false);
      if (plain) all.set(name, { version: (from ?? 0) + 1, plain });
      else all.delete(name);
      return Promise.resolve(true);
    },
  };
}

/** One node's disk, its clock, and what it is asked to do once. */
async function stage({ sealed = true, keptMs = 240_000, idsMs = 240_000 } = {}) {
  const random = seededRandom("seen");
  const plain = sealed ? sealedRecords(memoryStore(), random(32), random) : unsealed();
  const writes: string[] = [];
  let broken = (_name: string) => false;
  const rows: Rows = {
    ...plain,
    async swap(name, from, row) {
      writes.push(row === null ? `-${name}` : name);
      if (broken(name)) throw new StoreError(`Cannot write ${name}`);
      return await plain.swap(name, from, row);
    },
    async erase(name) {
      writes.push(`-${name}`);
      await plain.erase(name);
    },
  };
  const at = {
    now: begun,
    monotonic: 0,
    pass(ms: number) {
      this.now += ms;
      this.monotonic += ms;
    },
  };
  const open = () =>
    ReplayGuard.open(rows, {
      now: () => at.now,
      monotonic: () => at.monotonic,
      outcomesMs: keptMs,
      idsMs,
      forgotten: (buckets) => void forgotten.push(buckets),
    });
  const forgotten: (readonly string[])[] = [];
  const node = { seen: await open() };
  const restart = async () => void (node.seen = await open());
  /** A command of this moment that lives a minute. */
  const fresh = (by = alice) => ({ id: by + random(16).toHex(), expires: at.now + 60_000 });
  const add = (
    { id, expires, content = same }: { id: string; expires: number; content?: string },
  ): Promise<FailureCode | "new"> =>
    node.seen.add(id, expires, content).then(() => "new" as const, (error: SessionError) => error.code);
  /** Adds many commands of this moment. */
  const fill = async (count: number, by?: string) => {
    for (let i = 0; i < count; i += 1_000) {
      await Promise.all(Array.from({ length: 1_000 }, () => add(fresh(by))));
    }
  };
  return {
    rows,
    writes,
    at,
    node,
    restart,
    fresh,
    fill,
    add,
    random,
    forgotten,
    breaks: (on: typeof broken) => broken = on,
  };
}

Deno.test("ReplayGuard takes a new command at once when a clock that was ahead is put right, also after a restart", async () => {
  const { at, restart, fresh, add } = await stage();
  assert.equal(await add(fresh()), "new");
  at.now += 8 * hour;
  assert.equal(await add(fresh()), "new");
  at.now -= 8 * hour;
  assert.equal(await add(fresh()), "new", "a moment later");
  at.now += 8 * hour;
  for (let i = 0; i < 30; i++, at.pass(60_000)) assert.equal(await add(fresh()), "new");
  at.now -= 8 * hour;
  assert.equal(await add(fresh()), "new");
  await restart();
  assert.equal(await add(fresh()), "new");
});

Deno.test("ReplayGuard takes no command twice, whatever its clock does and whenever it starts again", async () => {
  const { at, node, restart, fresh, add, random } = await stage();
  const all: { id: string; expires: number }[] = [];
  const leaps = [
    0,
    60_000,
    8 * hour,
    -8 * hour,
    24 * 365 * hour,
    -24 * 365 * hour,
    300_000,
    -1_000_000,
    90_000,
  ];
  for (let i = 0; i < 400; i++) {
    at.now += leaps[random(1)[0]! % leaps.length]!;
    at.monotonic += random(1)[0]! * 1_000;
    const command = fresh();
    if (await add(command) === "new") all.push(command);
    if (random(1)[0]! < 20) await restart();
    const replayed = all[random(2)[0]! % all.length]!;
    assert.notEqual(await add(replayed), "new", `${i}: ${JSON.stringify({ ...replayed, now: at.now })}`);
    assert.ok(!node.seen.carried(alice + random(16).toHex()));
  }
  assert.ok(all.length > 100, `${all.length} were new`);
  await restart();
  for (const command of all) assert.notEqual(await add(command), "new");
});

Deno.test("ReplayGuard says that it is about a clock when it refuses what it has forgotten", async () => {
  const { at, fresh, add, restart } = await stage();
  const early = fresh();
  assert.equal(await add(early), "new");
  at.now += 8 * hour;
  assert.equal(await add(fresh()), "new");
  at.now -= 8 * hour;
  assert.equal(await add(early), "replayed-command", "for a while it is remembered all the same");
  at.now += 8 * hour;
  await restart();
  at.now -= 8 * hour;
  await restart();
  assert.equal(await add(early), "replayed-command", "its row is still there");
  at.now += 8 * hour;
  await restart();
  assert.equal(await add(fresh()), "new");
  await new Promise((done) => setTimeout(done)); // with that its row is deleted
  at.now -= 8 * hour;
  await restart();
  assert.equal(await add(early), "clock-skew");
});

Deno.test("ReplayGuard keeps the ids of four weeks though its row of forgotten minutes was damaged, however often it starts", async () => {
  const day = 24 * hour;
  const { at, rows, restart, fresh, add } = await stage({ keptMs: 7 * day, idsMs: 28 * day });
  const first = fresh();
  assert.equal(await add(first), "new");
  at.pass(29 * day);
  assert.equal(await add(fresh()), "new"); // the first one is forgotten
  const early = fresh();
  assert.equal(await add(early), "new");
  at.pass(8 * day);
  const late = fresh();
  assert.equal(await add(late), "new");
  const row = (await rows.get("commands/forgotten"))!;
  await rows.swap("commands/forgotten", row.version, new Uint8Array(3));
  for (let starts = 1; starts <= 4; starts++) {
    await restart();
    const now = { expires: at.now + 60_000 };
    assert.equal(await add({ ...late, ...now }), "replayed-command", `start ${starts}`);
    assert.equal(await add({ ...early, ...now }), "outcome-forgotten", `start ${starts}`);
    assert.equal(await add(first), "clock-skew", "it is refused by its time");
    at.pass(hour);
  }
  assert.equal(await add(fresh()), "new");
});

Deno.test("ReplayGuard says of a row that cannot be read that it may have ids of its own initiator, and no other's", async () => {
  const { at, node, rows, restart, fresh, add } = await stage();
  const [own, others] = [fresh(bob), fresh(alice)];
  for (const command of [own, others]) assert.equal(await add(command), "new");
  const [name] = (await rows.names("command/")).filter((name) => name.includes(bob));
  await rows.swap(name!, (await rows.get(name!))!.version, new Uint8Array(3));
  await restart();
  const isDamaged = (by: string, since: number) => node.seen.isDamaged(fresh(by).id, since);
  assert.ok(isDamaged(bob, 0));
  assert.ok(isDamaged(bob, own.expires));
  assert.ok(!isDamaged(bob, own.expires + 60_001), "of later commands it has none");
  assert.ok(!isDamaged(alice, 0));
  assert.ok(node.seen.carried(others.id));
  at.pass(hour);
  assert.ok(!isDamaged(bob, 0), "its ids would be forgotten by now");
});

Deno.test("ReplayGuard reads many rows at the same time when it starts, and not all", async () => {
  const day = 24 * hour;
  const { at, rows, restart, fresh, add } = await stage({ sealed: false, keptMs: 7 * day, idsMs: 28 * day });
  const all = [];
  for (let minute = 0; minute < 500; minute++, at.pass(60_000)) {
    all.push(fresh());
    await add(all.at(-1)!);
  }
  const { get } = rows;
  let [open, most] = [0, 0];
  rows.get = async (name) => {
    most = Math.max(most, ++open);
    await new Promise((done) => setTimeout(done, 1));
    open--;
    return await get(name);
  };
  await restart();
  assert.ok(most > 30 && most < 200, `${most}`);
  for (const { id } of all) assert.notEqual(await add({ id, expires: at.now + 60_000 }), "new");
});

Deno.test("ReplayGuard has on disk what it forgets before it forgets it", async () => {
  const { at, fresh, add, writes, breaks } = await stage();
  const early = fresh();
  await add(early);
  at.pass(hour);
  breaks((name) => name === "commands/forgotten");
  assert.equal(await add(fresh()), "new");
  assert.equal(await add(early), "outcome-forgotten", "it is still known");
  breaks(() => false);
  at.pass(60_000);
  assert.equal(await add(fresh()), "new");
  assert.equal(await add(fresh()), "new");
  assert.equal(await add(early), "clock-skew");
  const gone = writes.findIndex((write) => write.startsWith("-command/"));
  assert.ok(gone > writes.lastIndexOf("commands/forgotten"), writes.join());
});

Deno.test("ReplayGuard forgets without reading, and deletes a few rows with each command, not all at once", async () => {
  const { at, fresh, add, rows, writes, restart, node } = await stage();
  for (let i = 0; i < 3_000; i++, at.pass(50)) await add(fresh());
  const kept = (await rows.names("command/")).length;
  assert.ok(kept < 60, `${kept} rows for 3,000 commands`);
  at.pass(hour);
  writes.length = 0;
  const read: string[] = [];
  const get = rows.get;
  rows.get = (name) => {
    read.push(name);
    return get(name);
  };
  await restart();
  assert.deepEqual(writes, ["commands/forgotten"], "one write, whatever there was");
  assert.deepEqual(read.filter((name) => name.startsWith("command/")), []);
  for (let i = 0; i < kept; i++) {
    writes.length = 0;
    await add(fresh());
    assert.ok(writes.length <= 3 + 1, writes.join());
  }
  await new Promise((done) => setTimeout(done));
  assert.deepEqual((await rows.names("command/")).length, 1, "all of it is gone in the end");
  assert.ok(node.seen);
});

Deno.test("ReplayGuard writes commands that come together in one row, each for good before it is said", async () => {
  const { fresh, add, writes, restart } = await stage();
  const all = Array.from({ length: 50 }, fresh);
  assert.ok((await Promise.all(all.map(add))).every((said) => said === "new"));
  assert.ok(writes.length <= 3, writes.join());
  await restart();
  for (const command of all) assert.equal(await add(command), "replayed-command");
});

Deno.test("ReplayGuard says id-reused for other content under an id, and replayed-command for the same, also after a restart", async () => {
  const { fresh, add, restart } = await stage();
  const command = fresh();
  await add(command);
  for (const again of [false, true]) {
    if (again) await restart();
    assert.equal(await add({ ...command, content: "08".repeat(32) }), "id-reused");
    assert.equal(await add({ ...command, expires: command.expires + 120_000 }), "replayed-command");
  }
});

Deno.test("ReplayGuard knows an id four times as long as its outcome is kept, and says outcome-forgotten after that", async () => {
  const day = 24 * hour;
  const { at, fresh, add, restart } = await stage({ keptMs: 7 * day, idsMs: 28 * day });
  const { id, expires } = fresh();
  await add({ id, expires });
  const again = () => add({ id, expires: at.now + 60_000 });
  for (
    const [days, said] of [[6, "replayed-command"], [8, "outcome-forgotten"], [
      27,
      "outcome-forgotten",
    ]] as const
  ) {
    at.now = begun + days * day;
    at.monotonic = days * day;
    await restart();
    await add(fresh());
    assert.equal(await again(), said, `after ${days} days`);
  }
});

Deno.test("ReplayGuard says store-failed for a command that it cannot write down, and goes on with the next", async () => {
  const { fresh, add, breaks } = await stage();
  await add(fresh());
  breaks(() => true);
  const command = fresh();
  assert.equal(await add(command), "store-failed");
  breaks(() => false);
  assert.equal(await add(fresh()), "new");
  assert.equal(await add(command), "new", "it was not carried out");
});

Deno.test("ReplayGuard forgets the oldest commands when it is full, with their outcomes, but none that a clock lets in", async () => {
  const { at, add, fill, fresh, forgotten } = await stage({ sealed: false, idsMs: 28 * 24 * hour });
  const oldest = fresh();
  await add(oldest);
  await fill(maxCommandIds / 2);
  at.pass(hour);
  await fill(maxCommandIds / 2);
  assert.deepEqual(forgotten, [[`${alice}/${Math.floor(oldest.expires / 60_000)}`]]);
  assert.equal(await add(fresh()), "new");
  assert.equal(await add({ ...oldest, expires: at.now + 60_000 }), "new", "forgotten for lack of room");
  await fill(maxCommandIds / 2);
  assert.equal(await add(fresh()), "overloaded");
});

Deno.test("ReplayGuard that one initiator fills forgets its ids and none of another's, whose share is smaller", async () => {
  const { at, add, fill, fresh, forgotten } = await stage({ sealed: false, idsMs: 28 * 24 * hour });
  const theirs = fresh(bob);
  await add(theirs);
  const again = () => add({ ...theirs, expires: at.now + 60_000 });
  at.pass(hour);
  const flooded = fresh(alice);
  await fill(maxCommandIds / 2, alice);
  at.pass(hour);
  await fill(maxCommandIds / 2, alice);
  assert.deepEqual(forgotten, [[`${alice}/${Math.floor(flooded.expires / 60_000)}`]]);
  assert.equal(await again(), "outcome-forgotten", "its id is known");
  await fill(maxCommandIds / 2, alice);
  assert.equal(await add(fresh(alice)), "overloaded", "nothing of its own may go");
  assert.equal(await again(), "outcome-forgotten", "its id is known");
});

Deno.test("ReplayGuard refuses when it is full, but not for the sake of what came while its clock was ahead", async () => {
  const { at, add, fill, fresh } = await stage({ sealed: false });
  at.now += 8 * hour;
  await fill(maxCommandIds);
  const ahead = fresh();
  assert.equal(await add(ahead), "overloaded");
  at.now -= 8 * hour;
  assert.equal(await add(fresh()), "new");
  at.now += 8 * hour;
  assert.equal(await add(ahead), "clock-skew", "that minute is forgotten");
  assert.equal(await add({ ...ahead, expires: at.now + maxCommandAge + clockSkew }), "new");
});
