import assert from "node:assert/strict";
import type { Command } from "../../src/cluster/records/command.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import type { FailureCode } from "../../src/failure.ts";
import { acceptRecord, declineRecord, inviteRecord } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { assertWorks } from "./honest.ts";
import { commandOf, framed, inPlaceOf, next, type RawPeer, reach, usualItems } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

type Invite = ReturnType<typeof inviteRecord.decode>;
type Said = FailureCode | "accept" | "broken" | "ended" | "nothing";

/** Invites alice as bob's coordinator would, but for what is changed; gives what she says. */
async function invited(
  scene: Scene,
  bob: RawPeer,
  command: Uint8Array,
  changes: Partial<Invite> = {},
): Promise<Said> {
  const roster = scene.node("alice").roster;
  const invite: Invite = {
    command,
    party: scene.names.map((name) => scene.peer(name)).sort(),
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: new Uint8Array(),
    epoch: 0,
    nonce: new Uint8Array(32),
    ...changes,
  };
  const channel = await reach(scene, bob, "alice", protocols.invite);
  await channel.send(framed((await sign(bob.identity, inviteRecord, invite)).encoded, usualItems(command)));
  const said = await next(scene, channel);
  if (!(said instanceof Uint8Array)) return said;
  if (await readSigned(bob.identity, acceptRecord, said)) return "accept";
  return (await readSigned(bob.identity, declineRecord, said))!.value.code;
}

Deno.test("Member declines an invite that is not what its command, its roster or its own keys say, and blames nobody", async () => {
  await using scene = await Scene.start({ consoles: ["eve"], threshold: 2 });
  const { key } = scene;
  const eve = scene.everyone("eve");
  const bob = await inPlaceOf(scene, "bob");
  const coordinators = [bob.identity.peer];
  const make = await commandOf(scene, bob.identity, { coordinators });
  const using = { kind: "sign" as const, wallet: "treasury", members: [], threshold: 0, coordinators };
  const use = await commandOf(scene, bob.identity, using);
  const session = Uint8Array.fromHex(key.session);
  const all = scene.names.map((name) => scene.peer(name)).sort();
  const two = all.filter((peer) => peer !== scene.peer("carol"));
  const right = { party: two, keyId: session, epoch: key.epoch };
  const invites: [string, Said, Uint8Array, Partial<Invite>][] = [
    // With everything right there is still no link to whoever has only bob's identity.
    ["all right, making", "link-lost", make, {}],
    ["all right, using", "link-lost", use, right],
    ["another roster of this version", "roster-mismatch", make, { rosterHash: new Uint8Array(32) }],
    ["a roster from the future", "roster-mismatch", make, { rosterVersion: 9 }],
    ["a roster of the past", "roster-mismatch", make, { rosterVersion: 0 }],
    ["another's to coordinate", "not-authorized", await commandOf(scene, bob.identity), {}],
    [
      "of whom another comes first",
      "other-coordinator",
      await commandOf(scene, bob.identity, { coordinators: [scene.peer("alice"), ...coordinators] }),
      {},
    ],
    [
      "a coordinator twice",
      "session-mismatch",
      await commandOf(scene, bob.identity, { coordinators: [...coordinators, ...coordinators] }),
      {},
    ],
    [
      "an observer to take over",
      "session-mismatch",
      await commandOf(scene, bob.identity, { coordinators: [...coordinators, eve.peer] }),
      {},
    ],
    ["not sorted", "session-mismatch", make, { party: [...all].reverse() }],
    ["a member twice", "session-mismatch", make, { party: [all[0]!, all[0]!, ...all.slice(1)] }],
    ["without alice", "session-mismatch", make, {
      party: all.filter((peer) => peer !== scene.peer("alice")),
    }],
    ["fewer than the command says", "session-mismatch", make, { party: two }],
    ["with an observer", "session-mismatch", make, { party: [...all, eve.peer].sort() }],
    ["a key where none can be", "session-mismatch", make, { keyId: session }],
    ["more signers than the threshold", "session-mismatch", use, { ...right, party: all }],
    ["another epoch", "epoch-mismatch", use, { ...right, epoch: 2 }],
    [
      "another epoch in the command",
      "epoch-mismatch",
      await commandOf(scene, bob.identity, { ...using, epoch: key.epoch + 1 }),
      right,
    ],
    [
      "another epoch in both",
      "epoch-mismatch",
      await commandOf(scene, bob.identity, { ...using, epoch: key.epoch + 1 }),
      { ...right, epoch: key.epoch + 1 },
    ],
    [
      "a new key of a later epoch",
      "session-mismatch",
      await commandOf(scene, bob.identity, { coordinators, epoch: 1 }),
      {},
    ],
    ["a key of another session", "epoch-mismatch", use, { ...right, keyId: new Uint8Array(32) }],
    [
      "an unknown wallet",
      "unknown-wallet",
      await commandOf(scene, bob.identity, { ...using, wallet: "no" }),
      right,
    ],
    [
      "a taken name",
      "wallet-exists",
      await commandOf(scene, bob.identity, { coordinators, wallet: "treasury" }),
      {},
    ],
    [
      "a command of the past",
      "clock-skew",
      await commandOf(scene, bob.identity, { coordinators, created: 1, expires: 2 }),
      {},
    ],
    ["asked by who may not", "broken", await commandOf(scene, scene.cluster.admin, { coordinators }), {}],
    ["no command", "broken", new Uint8Array(3), {}],
  ];
  for (const [what, said, command, changes] of invites) {
    const found = await invited(scene, bob, command, changes);
    assert.equal(what.startsWith("asked by") && found === "not-authorized" ? said : found, said, what);
  }
  const events = scene.everyone("alice").events;
  assert.ok(!events.some((event) => event.type === "failed" && event.culprits.length > 0));
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});

Deno.test("Member declines a command that it has carried out before", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const seen = await scene.sign(["alice", "bob"], { by: "bob", message: new Uint8Array() });
  const bob = await inPlaceOf(scene, "bob");
  const { peer } = bob.identity;
  const party = [peer, scene.peer("alice")].sort();
  const asked = {
    id: Uint8Array.fromHex(seen.id),
    kind: "sign" as const,
    wallet: "treasury",
    members: [],
    threshold: 0,
    signers: party,
    coordinators: [peer],
  } satisfies Partial<Command>;
  const command = await commandOf(scene, bob.identity, asked);
  const other = await commandOf(scene, bob.identity, { ...asked, note: "for Carol" });
  const key = { party, key: Uint8Array.fromHex(scene.key.session), epoch: scene.key.epoch };
  assert.equal(await invited(scene, bob, command, key), "replayed-command");
  assert.equal(await invited(scene, bob, other, key), "id-reused");
  scene.cluster.kill("alice");
  await scene.cluster.boot("alice");
  assert.equal(await invited(scene, bob, command, key), "replayed-command", "after a restart too");
  assert.equal(await invited(scene, bob, other, key), "id-reused", "after a restart too");
  await bob.network.stop();
  await scene.cluster.boot("bob");
  await assertWorks(scene);
});
