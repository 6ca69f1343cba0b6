import assert from "node:assert/strict";
import { checkCommand } from "../../../src/cluster/commands/check_command.ts";
import { CommandConsent } from "../../../src/cluster/commands/consent/command_consent.ts";
import { type Command, commandRecord } from "../../../src/cluster/records/command.ts";
import { NameReservations } from "../../../src/cluster/keys/name_reservations.ts";
import { type Roster, signRoster } from "../../../src/cluster/roster/roster.ts";
import { InputError, SessionError } from "../../../src/errors.ts";
import type { Identity, PublicKeyPackage, Task } from "../../../src/ports.ts";
import { sign } from "../../../src/session/signed.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";

const random = seededRandom("reshare command");
const people = await Promise.all(Array.from({ length: 6 }, () => nobleIdentity(random)));
const admin = people.pop()!;
const [alice, bob, carol, dave, olga] = people.sort((a, b) => a.peer < b.peer ? -1 : 1) as [
  Identity,
  Identity,
  Identity,
  Identity,
  Identity,
];
const roster: Roster = await signRoster(
  admin,
  people.map((identity, i) => ({
    peer: identity.peer,
    name: `peer ${i}`,
    addresses: [],
    rights: identity === olga ? ["observer", "initiator"] : ["holder", "manager", "initiator"],
  })),
  null,
);
const peers = (...identities: Identity[]) => identities.map(({ peer }) => peer);
const none = new Uint8Array(), keyId = new Uint8Array(32).fill(3);

/** Alice, bob and carol's key: alice and bob deal, bob and dave get it, and carol is gone. */
const good: Command = {
  id: new Uint8Array(16),
  cluster: admin.peer,
  kind: "reshare",
  wallet: "treasury",
  scheme: "ed25519",
  keyId,
  epoch: 1,
  threshold: 2,
  members: peers(bob, dave),
  dealers: peers(alice, bob),
  gone: peers(carol),
  signers: [],
  itemCount: 0,
  itemsHash: none,
  note: "",
  reference: "",
  coordinators: peers(alice),
  created: 0,
  expires: 60_000,
};
const signed = async (changes: Partial<Command> = {}, by = alice) => ({
  command: await sign(by, commandRecord, { ...good, ...changes }),
  items: [],
});

Deno.test("checkCommand() takes a resharing by a manager, with gone peers that are in no roster any more", async () => {
  checkCommand(await signed(), roster, 0);
  checkCommand(await signed({ gone: ["12D3KooWLeft"] }), roster, 0);
  checkCommand(await signed({ gone: [] }), roster, 0);
  const byOlga = await signed({}, olga);
  assert.throws(() => checkCommand(byOlga, roster, 0), { code: "not-authorized" });
});

Deno.test("checkCommand() names the field of a resharing that cannot be", async () => {
  const refused: [keyof Command, Partial<Command>][] = [
    ["keyId", { keyId: none }],
    ["keyId", { keyId: new Uint8Array(31) }],
    ["threshold", { threshold: 0 }],
    ["threshold", { threshold: 1 }],
    ["threshold", { threshold: 3 }],
    ["members", { members: peers(bob) }],
    ["members", { members: [] }],
    ["members", { members: peers(dave, bob) }],
    ["members", { members: peers(bob, bob) }],
    ["members", { members: peers(bob, olga) }],
    ["members", { members: [bob.peer, "12D3KooWStranger"].sort() }],
    ["dealers", { dealers: peers(bob, alice) }],
    ["dealers", { dealers: peers(alice, alice) }],
    ["dealers", { dealers: peers(alice, olga) }],
    ["gone", { gone: peers(dave) }],
    ["gone", { gone: peers(alice) }],
    ["gone", { gone: peers(carol, carol) }],
    ["gone", { gone: ["b", "a"] }],
    ["signers", { signers: peers(alice) }],
    ["itemCount", { itemCount: 1 }],
    ["itemsHash", { itemsHash: keyId }],
    ["note", { note: "two\nlines" }],
    ["wallet", { wallet: "" }],
    ["coordinators", { coordinators: peers(olga) }],
  ];
  for (const [field, changes] of refused) {
    const order = await signed(changes);
    assert.throws(() => checkCommand(order, roster, 0), (error) => {
      assert.ok(error instanceof SessionError && error.cause instanceof InputError, String(error));
      assert.deepEqual([error.code, error.cause.field], ["session-mismatch", field]);
      return true;
    });
  }
  const fields: Partial<Record<Command["kind"], Partial<Command>>> = {
    generate: { keyId: none, epoch: 0, members: peers(alice, bob) },
    sign: { members: [], threshold: 0 },
  };
  for (const [kind, more] of Object.entries(fields)) {
    for (const changes of [{ dealers: [] }, { gone: [] }]) {
      const order = await signed({ kind: kind as Command["kind"], ...more, ...changes });
      const left = "dealers" in changes ? "gone" : "dealers";
      assert.throws(
        () => checkCommand(order, roster, 0),
        (error) =>
          error instanceof SessionError && error.cause instanceof InputError && error.cause.field === left,
      );
    }
  }
});

const key = { wallet: "treasury", scheme: "ed25519" } as PublicKeyPackage;
const task: Task & { kind: "reshare" } = {
  kind: "reshare",
  attempt: keyId,
  self: alice.peer,
  party: peers(alice, bob, dave),
  scheme: "ed25519",
  wallet: "treasury",
  roundMs: 1_000,
  threshold: 2,
  epoch: 2,
  keyId,
  key,
  dealers: good.dealers,
  recipients: good.members,
  gone: good.gone,
  share: null,
};

Deno.test("CommandConsent covers exactly the resharing that was asked about, and no other act", async () => {
  const consent = new CommandConsent(await signed());
  assert.ok(consent.covers(task));
  const others: Partial<Task & { kind: "reshare" }>[] = [
    { wallet: "payroll" },
    { scheme: "bip340" },
    { keyId: none },
    { keyId: keyId.with(0, 4) },
    { threshold: 3 },
    { recipients: peers(bob, carol) },
    { recipients: good.members.toReversed() },
    { recipients: peers(bob, carol, dave) },
    { dealers: peers(alice, carol) },
    { dealers: peers(alice) },
    { gone: [] },
    { gone: peers(alice) },
  ];
  for (const changes of others) {
    assert.ok(!consent.covers({ ...task, ...changes }), Object.keys(changes).join());
  }
  const { attempt, self, party, scheme, wallet, roundMs, threshold } = task;
  const common = { attempt, self, party, scheme, wallet, roundMs };
  assert.ok(!consent.covers({ ...common, kind: "generate", threshold, epoch: 1 }));
  assert.ok(!consent.covers({ ...common, kind: "sign", keyId, share: none, key, items: [] }));
  for (const kind of ["generate", "sign"] as const) {
    assert.ok(!new CommandConsent(await signed({ kind })).covers(task), kind);
  }
});

Deno.test("NameReservations.hold() lets one command at a time deal a key anew, and a new key have no such name", () => {
  const names = new NameReservations({
    own: () => undefined,
    named: () => [],
    walletsAlike: () => [],
    unfinished: () => [],
    damaged: () => new Map(),
  });
  const held = names.hold(key, "a"), again = names.hold(key, "a");
  for (const other of ["b", "0"]) {
    assert.throws(() => names.hold(key, other), { code: "wallet-busy" }, other);
    assert.throws(() => names.checkHeld(key, other), { code: "wallet-busy" }, other);
    assert.throws(() => names.reserve(key, other), { code: "wallet-busy" }, other);
  }
  names.checkHeld(key, "a");
  using _elsewhere = names.hold({ ...key, scheme: "ecdsa" }, "b");
  held[Symbol.dispose]();
  assert.throws(() => names.checkHeld(key, "b"), { code: "wallet-busy" }, "it is held twice");
  again[Symbol.dispose]();
  names.hold(key, "b")[Symbol.dispose]();
  using _generates = names.reserve(key, "c");
  assert.throws(() => names.hold(key, "d"), { code: "wallet-busy" });
});

Deno.test("NameReservations.hold() lets the command with the lower key have its way, once the other has given it", () => {
  const names = new NameReservations({
    own: () => undefined,
    named: () => [],
    walletsAlike: () => [],
    unfinished: () => [],
    damaged: () => new Map(),
  });
  const held = names.hold(key, "b");
  let ends = 0;
  using _rival = names.givesWay(good, "b", () => ends++);
  assert.throws(() => names.hold(key, "c"), { code: "wallet-busy" });
  assert.throws(() => names.checkHeld(key, "c"), { code: "wallet-busy" });
  assert.equal(ends, 0, "a higher one waits");
  names.checkHeld(key, "a");
  assert.throws(() => names.hold(key, "a"), { code: "wallet-busy" }, "it ends first");
  assert.equal(ends, 1);
  held[Symbol.dispose]();
  using _held = names.hold(key, "a");
});
