import assert from "node:assert/strict";
import { Frozen } from "../../../src/cluster/keys/frozen.ts";
import { StoreHistory } from "../../../src/cluster/rollback/store_history.ts";
import { Keys } from "../../../src/cluster/keys/keys.ts";
import { signRoster } from "../../../src/cluster/roster/roster.ts";
import type { RosterStore } from "../../../src/cluster/roster/roster_store.ts";
import { EventLog } from "../../../src/cluster/events/event_log.ts";
import type { NodeEvent } from "../../../src/events.ts";
import type { Identity } from "../../../src/ports.ts";
import { type KeyRow, readRow, rowName, type RowState, writeRow } from "../../../src/keystore/key_rows.ts";
import { noOf, voteOf } from "../../../src/keystore/vote_signatures.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { openDataKey, sealedRecords } from "../../../src/store/sealed.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";
import { madeKey } from "../keys/made_key.ts";

const random = seededRandom("history");
const [alice, bob, carol, admin] = await Promise.all(
  Array.from({ length: 4 }, () => nobleIdentity(random)),
) as [Identity, Identity, Identity, Identity];
const rights = ["holder", "manager"] as const;
const roster = await signRoster(
  admin,
  [["alice", alice], ["bob", bob], ["carol", carol]].map(([name, identity]) => {
    const { peer } = identity as Identity;
    return { name: name as string, peer, addresses: [], rights };
  }),
  null,
);
const certificate = await madeKey({ roster, by: alice, members: [alice, bob, carol] });
const at = (who: Identity) => certificate.key!.members.indexOf(who.peer);
const none = new Uint8Array();
const nobody = certificate.votes.map(() => none);

/** Alice's row of that key, with these words of others. */
function rowOf(
  state: RowState,
  { yes = [], no = [] }: { yes?: Identity[]; no?: [Identity, Uint8Array][] } = {},
): KeyRow {
  const share = ["opened", "no", "gone"].includes(state) ? none : new Uint8Array([1]);
  const votes = nobody.map((_, i) =>
    [alice, ...yes].some((who) => at(who) === i) ? certificate.votes[i]! : none
  );
  const nos = nobody.map((_, i) => no.find(([who]) => at(who) === i)?.[1] ?? none);
  return { ...certificate, state, share, votes, nos };
}

/** Alice's store with one row, her keys and the history over it. */
async function start(row: KeyRow | null) {
  const clock = new VirtualClock();
  const store = memoryStore();
  const rows = sealedRecords(store, await openDataKey(store, alice.secrets(), random), random);
  if (row !== null) assert.ok(await writeRow(rows, null, row));
  const eventLog = new EventLog({ peer: alice.peer, boot: "00".repeat(8), clock });
  const events: NodeEvent[] = [];
  eventLog.listen((event) => events.push(event));
  const frozen = await Frozen.open(rows);
  const pastRoster = () => Promise.resolve(roster);
  const keys = await Keys.open({
    eventLog,
    identity: alice,
    clock,
    rows,
    frozen,
    cluster: admin.peer,
    pastRoster,
    bannedFor: () => [],
    isPaused: () => false,
  });
  const rosterStore = { current: roster, peer: () => undefined } as unknown as RosterStore;
  const stopping = new AbortController().signal;
  const options = {
    rows,
    clock,
    identity: alice,
    boot: new Uint8Array(8),
    rosterStore,
    keys: keys.rows,
    eventLog,
    stopping,
  };
  const { generation } = await StoreHistory.open(options, () => {});
  return { clock, rows, keys, eventLog, events, generation };
}

const { session } = certificate;
const word = async (by: Identity, vote: "yes" | "no") => ({
  by: by.peer,
  vote,
  signature: vote === "yes" ? await voteOf(by, rowOf("active")) : await noOf(by, session),
});

type Started = Awaited<ReturnType<typeof start>>;
const changes: [string, KeyRow | null, (started: Started) => Promise<unknown>, RowState, string[]][] = [
  ["a session opens", null, ({ keys }) => keys.rows.begin(session), "opened", []],
  [
    "an opened session becomes a no",
    { ...rowOf("opened"), key: null, transcript: none, votes: [], nos: [], preimage: none },
    ({ keys }) => keys.rows.standingIn(session, () => false, () => false),
    "no",
    [],
  ],
  [
    "an opened session of a disk that went back is lost",
    { ...rowOf("opened"), key: null, transcript: none, votes: [], nos: [], preimage: none },
    ({ keys }) => keys.rows.standingIn(session, () => false, () => true),
    "lost",
    [],
  ],
  [
    "the operator goes on with a disk that went back",
    { ...rowOf("opened"), key: null, transcript: none, votes: [], nos: [], preimage: none },
    ({ keys }) => keys.rows.doubtOpened(),
    "lost",
    [],
  ],
  [
    "what the disk has forgotten is lost",
    { ...rowOf("opened"), key: null, transcript: none, votes: [], nos: [], preimage: none },
    ({ keys }) => keys.learn(certificate),
    "lost",
    ["key"],
  ],
  [
    "another says yes",
    rowOf("pending"),
    async ({ keys }) => keys.rows.takeVote(session, await word(bob, "yes")),
    "pending",
    [],
  ],
  [
    "another says no",
    rowOf("pending"),
    async ({ keys }) => keys.rows.takeVote(session, await word(bob, "no")),
    "given-up",
    ["key"],
  ],
  [
    "another says no to what is active",
    rowOf("active", { yes: [bob, carol] }),
    async ({ keys }) => keys.rows.takeVote(session, await word(bob, "no")),
    "active",
    ["contradiction"],
  ],
  [
    "another says yes after its no",
    rowOf("given-up", { no: [[bob, await noOf(bob, session)]] }),
    async ({ keys }) => keys.rows.takeVote(session, await word(bob, "yes")),
    "given-up",
    ["contradiction"],
  ],
  [
    "all have said yes",
    rowOf("pending"),
    ({ keys }) => keys.rows.promote(session, certificate.votes),
    "active",
    [
      "key",
    ],
  ],
  ["the operator gives it up", rowOf("pending"), ({ keys }) => keys.rows.giveUp(session), "given-up", [
    "key",
  ]],
  [
    "the operator erases it",
    rowOf("given-up"),
    ({ keys }) => keys.rows.erase(session, ["given-up"]),
    "gone",
    ["key"],
  ],
];

for (const [what, before, act, state, told] of changes) {
  Deno.test(`StoreHistory raises the store's generation when a key's row changes: ${what}`, async () => {
    const started = await start(before);
    const { clock, rows, generation, events } = started;
    const first = generation.current;
    await clock.until(act(started));
    await clock.pass(10);
    assert.equal((await readRow(rows, rowName(session)))?.row.state, state);
    assert.deepEqual(events.map(({ type }) => type), told);
    assert.equal(generation.current, first + 1);
  });
}

Deno.test("StoreHistory leaves the store's generation where it is while no row changes", async () => {
  const { clock, keys, eventLog, generation } = await start(rowOf("active", { yes: [bob, carol] }));
  const first = generation.current;
  await keys.rows.takeVote(session, await word(bob, "yes"));
  await keys.rows.standingIn(session, () => false, () => false);
  await keys.rows.doubtOpened();
  assert.equal(await keys.rows.promote(session, certificate.votes), false);
  eventLog.emit({ type: "peer", other: bob.peer, state: "here" });
  await clock.pass(10);
  assert.equal(generation.current, first);
  eventLog.emitKey(certificate.key!, session.toHex(), "frozen");
  await clock.pass(10);
  assert.equal(generation.current, first + 1);
});
