import assert from "node:assert/strict";
import { Frozen } from "../../../src/cluster/keys/frozen.ts";
import { Keys } from "../../../src/cluster/keys/keys.ts";
import { type Roster, rosterHash, signRoster } from "../../../src/cluster/roster/roster.ts";
import type { Right } from "../../../src/cluster/records/rights.ts";
import { EventLog } from "../../../src/cluster/events/event_log.ts";
import type { Identity } from "../../../src/ports.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";
import type { Rows } from "../../../src/keystore/rows.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";
import { madeKey, type MadeOptions } from "./made_key.ts";

const random = seededRandom("keys");
const people = await Promise.all(Array.from({ length: 7 }, () => nobleIdentity(random)));
const [alice, bob, carol, eve, mallory, oscar, admin] = people as [
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
];
const nothing: Rows = {
  get: () => Promise.resolve(null),
  swap: () => Promise.resolve(true),
  names: () => Promise.resolve([]),
  erase: () => Promise.resolve(),
};

/** Alice, bob and carol hold, alice may make keys, and eve watches; mallory is in no roster, and oscar in the first. */
const entry = (identity: Identity, name: string, rights: readonly Right[]) => ({
  peer: identity.peer,
  name,
  addresses: [],
  rights,
});
const holders = [
  entry(alice, "alice", ["holder", "initiator", "manager"]),
  entry(bob, "bob", ["holder", "initiator"]),
  entry(carol, "carol", ["holder"]),
];
const first = await signRoster(admin, [...holders, entry(oscar, "oscar", ["holder", "manager"])], null);
const second = await signRoster(admin, [...holders, entry(eve, "eve", ["observer"])], first);

/** The keys of a console that holds nothing, and knows these rosters. */
async function console_(rosters: readonly Roster[] = [second]): Promise<Keys> {
  const clock = new VirtualClock();
  const eventLog = new EventLog({ peer: eve.peer, boot: "00".repeat(8), clock });
  const frozen = await Frozen.open(nothing);
  const pastRoster = (hash: Uint8Array) =>
    Promise.resolve(rosters.find((roster) => rosterHash(roster).toHex() === hash.toHex()) ?? null);
  return await Keys.open({
    eventLog,
    identity: eve,
    clock,
    rows: nothing,
    frozen,
    cluster: admin.peer,
    pastRoster,
    bannedFor: () => [],
    isPaused: () => false,
  });
}
const made = (options: Partial<MadeOptions> = {}): Promise<KeyRow> =>
  madeKey({ roster: second, by: alice, members: [alice, bob, carol], ...options });

Deno.test("learn() takes in a key that all its members have signed, and a manager has asked for", async () => {
  const keys = await console_();
  assert.equal(await keys.learn(await made()), true);
  assert.deepEqual(keys.all().map(({ wallet, state }) => [wallet, state]), [["treasury", "active"]]);
});

Deno.test("learn() takes in no key whose members anyone could have made up", async () => {
  const forged: Partial<MadeOptions>[] = [
    { by: mallory, members: [mallory, oscar] },
    { members: [alice, mallory, oscar], voters: [mallory, mallory, oscar] },
    { members: [alice, mallory, oscar] }, // one holder and two that it made up
    { members: [eve, mallory] },
    { members: [alice, mallory], threshold: 1 },
    { members: [alice, alice] },
    { voters: [alice, bob] },
    { voters: [alice, bob, bob] },
  ];
  for (const [i, options] of forged.entries()) {
    const keys = await console_();
    assert.equal(await keys.learn(await made(options)), false, `${i}`);
    assert.deepEqual(keys.all(), []);
  }
});

Deno.test("learn() takes in no key that was not asked for like this, by whom it may, in a roster that is known", async () => {
  const inOrder = (...all: Identity[]) => all.sort((a, b) => a.peer < b.peer ? -1 : 1);
  const members = (...all: Identity[]) => inOrder(...all).map(({ peer }) => peer);
  const good = await made();
  const wrong: [string, KeyRow][] = [
    ["two of the members make one of their own", await made({ by: bob, members: [bob, carol] })],
    ["a holder without the right asks", await made({ by: bob })],
    ["an observer asks", await made({ by: eve })],
    ["a stranger asks", await made({ by: mallory })],
    ["other members were asked for", await made({ asked: { members: members(alice, bob) } })],
    [
      "other members were certified",
      await made({ key: { members: members(alice, bob) }, voters: inOrder(alice, bob) }),
    ],
    ["another threshold was asked for", await made({ asked: { threshold: 3 } })],
    ["another name was asked for", await made({ asked: { wallet: "payroll" } })],
    ["another scheme was asked for", await made({ asked: { scheme: "ecdsa" } })],
    ["a signature was asked for", await made({ asked: { kind: "sign" } })],
    ["another cluster was asked", await made({ asked: { cluster: mallory.peer } })],
    ["another epoch was certified", await made({ key: { epoch: 2 } })],
    ["an unknown roster", await made({ invited: { rosterHash: new Uint8Array(32) } })],
    ["another version than that roster's", await made({ invited: { rosterVersion: 7 } })],
    ["accepts of another attempt", await made({ attempt: new Uint8Array(32) })],
    ["votes of another session", await made({ session: new Uint8Array(32) })],
    ["another key's preimage", { ...good, preimage: (await made({ fill: 2 })).preimage }],
    ["no preimage", { ...good, preimage: new Uint8Array() }],
  ];
  for (const [what, row] of wrong) {
    const keys = await console_();
    assert.equal(await keys.learn(row), false, what);
    assert.deepEqual(keys.all(), [], what);
    // Nor does it take a name away: who meets the liars first learns the genuine key all the same.
    assert.equal(await keys.learn(good), true, what);
  }
});

Deno.test("learn() goes by the rights of the roster that a key was made under, and asks for it", async () => {
  const old = await made({ roster: first, by: oscar, members: [alice, bob, oscar] });
  const keys = await console_([second]);
  assert.equal(await keys.learn(old), false, "nobody has that roster");
  const asked: string[] = [];
  const ask = (hash: Uint8Array) => {
    asked.push(hash.toHex());
    return Promise.resolve(first);
  };
  assert.equal(await keys.learn(old, ask), true);
  assert.deepEqual(asked, [rosterHash(first).toHex()]);
  assert.ok(keys.needsRoster(rosterHash(first).toHex()));
  assert.ok(!keys.needsRoster(rosterHash(second).toHex()));
  const now = await console_();
  assert.equal(await now.learn(await made({ by: oscar })), false, "it may no longer");
});

Deno.test("learn() shows both of two genuine keys of one name, in whatever order they come", async () => {
  const one = await made();
  const two = await made({ fill: 2 });
  for (const order of [[one, two], [two, one]]) {
    const keys = await console_();
    for (const row of order) assert.equal(await keys.learn(row), true);
    assert.equal(await keys.learn(one), false, "it is known");
    const ids = keys.named({ wallet: "treasury", scheme: "ed25519" }).map(({ session }) => session);
    assert.deepEqual(ids.sort(), [one, two].map(({ session }) => session.toHex()).sort());
    assert.equal(keys.withId(two.session.toHex())?.publicKey, two.key!.publicKey);
    assert.throws(() => keys.names.reserve({ wallet: "treasury", scheme: "ed25519" }, "x"), {
      code: "wallet-exists",
    });
  }
});
