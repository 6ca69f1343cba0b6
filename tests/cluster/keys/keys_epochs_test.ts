import assert from "node:assert/strict";
import { EventLog } from "../../../src/cluster/events/event_log.ts";
import { Frozen } from "../../../src/cluster/keys/frozen.ts";
import { Keys } from "../../../src/cluster/keys/keys.ts";
import { signRoster } from "../../../src/cluster/roster/roster.ts";
import { type KeyRow, type RowState, writeRow } from "../../../src/keystore/key_rows.ts";
import { voteBody } from "../../../src/keystore/vote_signatures.ts";
import { backupState } from "../../../src/node/backups.ts";
import type { Identity } from "../../../src/ports.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../../src/store/sealed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";
import { madeKey } from "./made_key.ts";

const random = seededRandom("epochs on a disk");
const [alice, bob, admin] = await Promise.all(
  Array.from({ length: 3 }, () => nobleIdentity(random)),
) as [Identity, Identity, Identity];
const entries = ([["alice", alice], ["bob", bob]] as const).map(([name, { peer }]) => ({
  peer,
  name,
  addresses: [],
  rights: ["holder", "manager"] as const,
}));
const roster = await signRoster(admin, entries, null);
const share = new Uint8Array([1]);
const first: KeyRow = { ...await madeKey({ roster, by: alice, members: [alice, bob] }), share };

/** Alice's row of the epoch after the first. */
async function next(state: RowState): Promise<KeyRow> {
  const made = await madeKey({
    roster,
    by: alice,
    members: [alice, bob],
    fill: 2,
    key: { epoch: 2 },
    from: { before: first, dealers: [alice, bob] },
  });
  return { ...made, parent: { session: first.session, vote: voteBody(first) }, state, share };
}

/** Alice's disk with both epochs, and what she makes of it when she starts. */
async function start(state: RowState) {
  const clock = new VirtualClock();
  const store = memoryStore();
  const rows = sealedRecords(store, await openDataKey(store, alice.secrets(), random), random);
  for (const row of [first, await next(state)]) assert.ok(await writeRow(rows, null, row));
  const keys = await Keys.open({
    eventLog: new EventLog({ peer: alice.peer, boot: "00".repeat(8), clock }),
    identity: alice,
    clock,
    rows,
    frozen: await Frozen.open(rows),
    cluster: admin.peer,
    pastRoster: () => Promise.resolve(roster),
    bannedFor: () => [],
    isPaused: () => false,
  });
  return { keys, rows };
}

Deno.test("Keys: a resharing that was given up, or is pending, retires nothing at the next start; one that is done does", async () => {
  const inUse = async (state: RowState) =>
    (await start(state)).keys.named({ wallet: "treasury", scheme: "ed25519" }).map(({ epoch }) => epoch);
  assert.deepEqual(await inUse("given-up"), [1]);
  assert.deepEqual(await inUse("lost"), [1]);
  assert.deepEqual(await inUse("pending"), [1]);
  assert.deepEqual(await inUse("active"), [2]);
});

Deno.test("backupState() asks for no backup of a share that is about to be erased", async () => {
  const { uncovered } = await backupState((await start("active")).rows);
  assert.equal(uncovered.length, 1);
  assert.equal((await backupState((await start("given-up")).rows)).uncovered.length, 1);
});
