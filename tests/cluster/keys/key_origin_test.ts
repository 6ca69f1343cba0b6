import assert from "node:assert/strict";
import { type CertifiedKey, isAskedFor } from "../../../src/cluster/keys/key_origin.ts";
import { signRoster } from "../../../src/cluster/roster/roster.ts";
import type { Identity, PublicKeyPackage } from "../../../src/ports.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";
import { makeKey } from "../../protocol/keys.ts";
import { reshared } from "../../protocol/reshares.ts";
import { seededRandom } from "../../sim/cluster.ts";
import { nobleIdentity } from "../../sim/identity.ts";
import { madeKey, type MadeOptions } from "./made_key.ts";

const random = seededRandom("epochs");
const people = await Promise.all(Array.from({ length: 6 }, () => nobleIdentity(random)));
const sorted = people.slice(0, 5).sort((a, b) => a.peer < b.peer ? -1 : 1);
const [alice, bob, carol, dave, erin] = sorted as [Identity, Identity, Identity, Identity, Identity];
const admin = people[5]!;
const peers = (...identities: Identity[]) => identities.map(({ peer }) => peer);

const roster = await signRoster(
  admin,
  sorted.map((identity, i) => ({
    peer: identity.peer,
    name: `peer ${i}`,
    addresses: [],
    rights: identity === erin ? ["holder"] : ["holder", "manager"],
  })),
  null,
);

/** The key of alice, bob and carol; alice and bob deal it to bob and dave, and carol looks on. */
const made = await makeKey({ members: peers(alice, bob, carol) });
const dealt = await reshared({
  made,
  dealers: peers(alice, bob),
  recipients: peers(bob, dave),
  threshold: 2,
});
const { wallet: _, epoch: __, ...first } = made.key;
const { wallet: ___, epoch: ____, ...second } = dealt.key;
const origin = await madeKey({ roster, by: alice, members: [alice, bob, carol], key: first });

const next = (changes: Partial<MadeOptions> = {}, key: Partial<PublicKeyPackage> = {}): Promise<KeyRow> =>
  madeKey({
    roster,
    by: alice,
    members: [bob, dave],
    fill: 2,
    from: { before: origin, dealers: [alice, bob], others: [carol] },
    ...changes,
    key: { ...second, epoch: 2, ...key },
  });

const asked = (row: CertifiedKey, known: readonly CertifiedKey[] = [origin]): Promise<boolean> =>
  isAskedFor(row, {
    identity: alice,
    cluster: admin.peer,
    rosterOf: () => Promise.resolve(roster),
    epochOf: (session) => known.find((one) => one.session.toHex() === session.toHex()),
  });

Deno.test("isAskedFor() takes an epoch that follows a known one, and leads back to a command that made the key", async () => {
  assert.ok(await asked(origin));
  const row = await next();
  assert.ok(await asked(row));
  const third = await reshared({
    made: dealt,
    dealers: peers(bob, dave),
    recipients: peers(alice, bob, carol),
    threshold: 3,
    seed: "third",
  });
  const { wallet: _wallet, ...key } = third.key;
  const from = { before: row, dealers: [bob, dave] };
  const members = [alice, bob, carol];
  const later = await madeKey({
    roster,
    by: carol,
    members,
    threshold: 3,
    fill: 3,
    from,
    key: { ...key, epoch: 3 },
  });
  assert.ok(await asked(later, [origin, row]));
  assert.ok(!await asked(later, [origin]), "the one before is not known");
});

Deno.test("isAskedFor() takes no epoch in which one thing does not follow", async () => {
  const vote = new Uint8Array(32).fill(5);
  const from = (changes: Partial<NonNullable<MadeOptions["from"]>>) => ({
    from: { before: origin, dealers: [alice, bob], others: [carol], ...changes },
  });
  const another = await makeKey({ members: peers(alice, bob, carol), seed: "another" });
  const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);
  const raised = await reshared({
    made,
    dealers: peers(alice, bob),
    recipients: peers(bob, carol, dave),
    threshold: 3,
    seed: "raised",
  });
  const good = await next();
  const wrong: [string, KeyRow][] = [
    ["another vote of the parent", await next({ parent: { session: origin.session, vote } })],
    ["another parent than the command names", await next({ parent: { session: vote, vote } })],
    ["no parent", await next({ parent: null })],
    ["another key id in the command", await next({ asked: { keyId: vote } })],
    ["another public key", await next({}, { publicKey: another.key.publicKey })],
    ["another chain code", await next({}, { chainCode: flip(second.chainCode) })],
    ["two epochs on", await next({}, { epoch: 3 })],
    ["the epoch again", await next({}, { epoch: 1 })],
    ["another epoch in the command", await next({ asked: { epoch: 2 } })],
    ["too few dealers", await next(from({ dealers: [alice], others: [bob, carol] }))],
    ["too many dealers", await next(from({ dealers: [alice, bob, carol] }))],
    [
      "a dealer twice",
      await next({ ...from({}), asked: { dealers: peers(alice, alice) }, releasers: [alice, alice] }),
    ],
    ["a dealer that is no member", await next(from({ dealers: [alice, dave], others: [bob, carol] }))],
    ["a dealer that is gone", await next({ ...from({ others: [carol] }), asked: { gone: peers(alice) } })],
    ["a release too few", await next({ releasers: [alice] })],
    ["a release too many", await next({ releasers: [alice, bob, carol] })],
    ["another's release", await next({ releasers: [alice, carol] })],
    ["releases in another order", await next({ releasers: [bob, alice] })],
    ["a vote for a release", { ...good, releases: good.votes }],
    ["a release of another session", {
      ...good,
      releases: (await next({ asked: { note: "other" } })).releases,
    }],
    ["a party without a witness", await next(from({ others: [] }))],
    ["a party with one more", await next(from({ others: [carol, erin] }))],
    ["a witness that is called gone", await next({ asked: { gone: peers(carol) } })],
    ["a stranger that is called gone", await next({ asked: { gone: peers(erin) } })],
    ["a recipient that is called gone", await next({ asked: { gone: peers(bob) } })],
    [
      "verifying shares of no one polynomial",
      await next({ members: [bob, carol, dave], from: { before: origin, dealers: [alice, bob] } }, {
        ...raised.key,
        wallet: "treasury",
        epoch: 2,
        threshold: 2,
      }),
    ],
    [
      "verifying shares of another key",
      await next({}, { verifyingShares: another.key.verifyingShares.slice(0, 2) }),
    ],
    ["a command that makes a key", await next({ asked: { kind: "generate" } })],
    ["a command that signs", await next({ asked: { kind: "sign" } })],
    [
      "a first epoch with a parent",
      await madeKey({
        ...{ roster, by: alice, members: [alice, bob, carol], key: first },
        parent: { session: origin.session, vote },
      }),
    ],
    [
      "a first epoch with a release",
      await madeKey({
        ...{ roster, by: alice, members: [alice, bob, carol], key: first },
        releasers: [alice],
      }),
    ],
    [
      "a first epoch that is the second",
      await madeKey({
        ...{ roster, by: alice, members: [alice, bob, carol], key: { ...first, epoch: 2 } },
      }),
    ],
    ["asked for by no manager", await next({ by: erin })],
    ["a vote too few", await next({ voters: [bob] })],
    ["another's vote", await next({ voters: [bob, alice] })],
  ];
  assert.ok(await asked(good));
  for (const [what, row] of wrong) assert.equal(await asked(row), false, what);
  assert.equal(await asked(good, []), false, "an unknown parent");
});
