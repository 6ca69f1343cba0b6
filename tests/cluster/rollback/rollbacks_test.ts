import assert from "node:assert/strict";
import { encode } from "cborg";
import { type Presence, presenceRecord } from "../../../src/cluster/rollback/presence.ts";
import { confirmRestored, Restoration, restoredState } from "../../../src/cluster/rollback/restoration.ts";
import { Rollbacks } from "../../../src/cluster/rollback/rollbacks.ts";
import { StoreGeneration } from "../../../src/cluster/rollback/store_generation.ts";
import { bootsShown, startsKept } from "../../../src/limits.ts";
import type { Identity } from "../../../src/ports.ts";
import { readSigned, sign } from "../../../src/session/signed.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../../src/store/sealed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const random = seededRandom("rollbacks");
const [alice, bob] = [await nobleIdentity(random), await nobleIdentity(random)];

async function disk(of: Identity = alice) {
  const store = memoryStore();
  return { store, rows: sealedRecords(store, await openDataKey(store, of.secrets(), random), random) };
}
type Disk = Awaited<ReturnType<typeof disk>>;

const boot = (n: number) => new Uint8Array(8).fill(n);

async function told(changes: Partial<Presence>) {
  const presence: Presence = {
    peer: bob.peer,
    boot: boot(1),
    life: 0,
    store: 1,
    generation: 1,
    key: new Uint8Array(32),
    time: 1,
    rosterVersion: 1,
    rosterHash: new Uint8Array(32),
    links: [],
    locked: false,
    ...changes,
  };
  const { encoded } = await sign(bob, presenceRecord, presence);
  return (await readSigned(bob, presenceRecord, encoded))!;
}

/** As it was told in the first version, before and after it said whether shares are locked. */
async function toldBefore(store: number, locked: readonly boolean[]): Promise<Uint8Array> {
  const links: string[] = [];
  const [key, rosterHash] = [new Uint8Array(32), new Uint8Array(32)];
  const fields = [bob.peer, boot(7), store, 1, key, 1, 1, rosterHash, links, ...locked];
  const before = { encode: (all: unknown[]) => encode(["quorate/1/presence", ...all]), decode: () => [] };
  return (await sign(bob, before, fields)).encoded;
}

const open = ({ rows }: Disk, { member = true, changed = (_back: boolean) => {} } = {}) =>
  Rollbacks.open({ rows, member: () => member, changed: (_peer, back) => changed(back) });

/** Bob as he starts with his disk. */
async function bobStarts({ rows }: Disk, n: number) {
  const generation = await StoreGeneration.open(
    rows,
    new VirtualClock(),
    new AbortController().signal,
    boot(n),
  );
  const states: unknown[] = [];
  const restoration = await Restoration.open({
    rows,
    identity: bob,
    generation,
    held: () => [],
    holders: () => [],
    doubtOpened: () => Promise.resolve(),
    changed: (state) => states.push(state),
  });
  return { generation, restoration, states };
}

for (const locked of [[], [true]]) {
  Deno.test(`Rollbacks keeps what it remembers in a presence of the first version, and its author believes it: ${locked.length} fields more`, async () => {
    const here = await disk();
    const before = await toldBefore(9, locked);
    await here.rows.swap(`generation-of/${bob.peer}`, null, before);
    for (let i = 0; i < 2; i++) assert.deepEqual((await open(here)).proofsFor(bob.peer), [before]);
    assert.deepEqual(await here.rows.names("generation-of/"), [
      `generation-of/${bob.peer}/${"07".repeat(8)}`,
    ]);
    const back: boolean[] = [];
    const rollbacks = await open(here, { changed: (one) => back.push(one) });
    rollbacks.take(await told({ store: 5, time: 2 }));
    assert.deepEqual(back, [true], "it is what bob is compared with");

    const { restoration } = await bobStarts(await disk(bob), 1);
    await restoration.takeOwn(before);
    assert.equal(restoration.state, "rolled-back");
  });
}

Deno.test("Rollbacks leaves a row that it cannot read where it is, and erases what is of who has left", async () => {
  const here = await disk();
  const strange = `generation-of/${bob.peer}/${"05".repeat(8)}`;
  await here.rows.swap(strange, null, new Uint8Array([1, 2, 3]));
  const damaged = `generation-of/${bob.peer}/${"01".repeat(8)}`;
  await here.store.swap(damaged, null, new Uint8Array([1, 2, 3]));
  const rollbacks = await open(here);
  assert.deepEqual(rollbacks.proofsFor(bob.peer), []);
  assert.equal((await here.rows.names("generation-of/")).length, 2);
  const presence = await told({});
  rollbacks.take(presence);
  await new VirtualClock().pass(1); // it writes what it took
  assert.deepEqual((await here.rows.get(damaged))?.plain, presence.encoded, "a damaged one is written anew");
  assert.ok(await here.rows.get(strange));
  await open(here, { member: false });
  assert.deepEqual(await here.rows.names("generation-of/"), []);
});

Deno.test("Rollbacks keeps the latest presence of each of a peer's last boots, over a restart", async () => {
  const here = await disk();
  const rollbacks = await open(here);
  const all = [];
  for (let n = 1; n <= bootsShown + 2; n++) {
    rollbacks.take(await told({ boot: boot(n), store: 2 * n }));
    all.push(await told({ boot: boot(n), store: 2 * n + 1 }));
    rollbacks.take(all.at(-1)!);
  }
  await new VirtualClock().pass(1); // it writes what it took
  const latest = all.slice(-bootsShown).map(({ encoded }) => encoded);
  assert.deepEqual(rollbacks.proofsFor(bob.peer), latest);
  assert.deepEqual((await open(here)).proofsFor(bob.peer), latest);
  assert.equal((await here.rows.names("generation-of/")).length, bootsShown);
});

Deno.test("Rollbacks takes a peer for mended that tells another life of its store, and not one that goes back to the life before", async () => {
  const back: boolean[] = [];
  const rollbacks = await open(await disk(), { changed: (one) => back.push(one) });
  for (const [n, life, store] of [[1, 0, 9], [2, 0, 5], [3, 1, 6], [4, 0, 30]] as const) {
    rollbacks.take(await told({ boot: boot(n), life, store, time: n }));
  }
  assert.deepEqual(back, [true, false, true]);
});

Deno.test("StoreGeneration knows what was told in the starts that are on disk, and nothing later", async () => {
  const here = await disk(bob);
  for (const n of [1, 2, 3]) await bobStarts(here, n); // generations 1, 2 and 3
  const { generation } = await bobStarts(here, 4);
  const knows = [[1, 1], [2, 2], [3, 3], [4, 4], [1, 2], [3, 4], [4, 5], [9, 1], [9, 3]] as const;
  assert.deepEqual(
    knows.map(([n, count]) => generation.knows(boot(n), count)),
    [true, true, true, true, false, false, false, false, false],
  );
});

Deno.test("StoreGeneration takes nothing for lost that was told before the starts that it keeps", async () => {
  const here = await disk(bob);
  for (let n = 1; n <= startsKept + 10; n++) await bobStarts(here, n % 256);
  const { generation } = await bobStarts(here, 255);
  assert.equal(generation.knows(boot(1), 1), true, "long ago");
  assert.equal(generation.knows(boot(200), 50), false, "a start that is not there");
  // A store of a version that kept no starts.
  await here.rows.erase("starts");
  const { generation: later } = await bobStarts(here, 254);
  assert.equal(later.knows(boot(255), later.current - 1), true);
  assert.equal(later.knows(boot(255), later.current), false);
});

Deno.test("restoredState() reads the marks of the first version: what it had settled is a life that is over", async () => {
  for (const [state, life] of [["restored", 1], ["rolled-back", 0], ["settled", 1]] as const) {
    const { rows } = await disk(bob);
    await rows.swap("restored", null, encode(["quorate/1/restored", state, 1_000]));
    assert.deepEqual(await restoredState(rows), { state, life });
  }
});

Deno.test("confirmRestored() writes an operator's word over a mark that does not open", async () => {
  const { store, rows } = await disk(bob);
  await store.swap("restored", null, new Uint8Array([1, 2, 3]));
  assert.deepEqual(await restoredState(rows), { state: "rolled-back", life: 0 });
  await assert.doesNotReject(confirmRestored(rows, bob.peer));
  assert.deepEqual(await restoredState(rows), { state: "settled", life: 1 });
});
