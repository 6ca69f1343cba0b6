import assert from "node:assert/strict";
import { Frozen } from "../../src/cluster/frozen.ts";
import { Keys } from "../../src/cluster/keys.ts";
import { Teller } from "../../src/cluster/telling.ts";
import type { Identity } from "../../src/ports.ts";
import { type KeyRow, type Rows, voteBody } from "../../src/session/commit.ts";
import { voteRound } from "../../src/session/control.ts";
import { signEnvelope } from "../../src/session/envelope.ts";
import { VirtualClock } from "../sim/clock.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const random = seededRandom("keys");
const people = await Promise.all(Array.from({ length: 6 }, () => nobleIdentity(random)));
const [alice, bob, carol, eve, mallory, oscar] = people as [
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

/** The keys of a console: it holds nothing, and knows alice, bob and carol as holders, eve as an observer. */
async function console_(): Promise<Keys> {
  const clock = new VirtualClock();
  const teller = new Teller({ peer: eve.peer, boot: "00".repeat(8), clock });
  const holders = [alice, bob, carol].map(({ peer }) => peer);
  const member = (peer: string) =>
    holders.includes(peer)
      ? { peer, name: peer, addresses: [], rights: ["holder"] as const }
      : peer === eve.peer
      ? { peer, name: peer, addresses: [], rights: ["observer"] as const }
      : undefined;
  const frozen = await Frozen.open(nothing);
  return await Keys.open({ teller, identity: eve, clock, rows: nothing, frozen, member });
}

/** What says that `members` have made this key: signed by `signers`. */
async function certificate(
  members: readonly Identity[],
  { threshold = 2, epoch = 1, fill = 1, signers = members } = {},
): Promise<KeyRow> {
  const session = new Uint8Array(32).fill(fill);
  const transcript = new Uint8Array(32).fill(fill);
  const key = {
    wallet: "treasury",
    curve: "ed25519" as const,
    epoch,
    threshold,
    members: members.map(({ peer }) => peer),
    publicKey: new Uint8Array(32).fill(fill),
    verifyingShares: members.map(() => new Uint8Array(32)),
    chainCode: new Uint8Array(32),
  };
  const body = voteBody(key, transcript);
  const votes = await Promise.all(
    signers.map(async (signer) =>
      (await signEnvelope(signer, { session, round: voteRound, to: "*", body })).signature
    ),
  );
  return {
    state: "active",
    session,
    key,
    transcript,
    share: new Uint8Array(),
    opens: [],
    votes,
    nos: [],
    at: 0,
  };
}

Deno.test("learn() takes in a key that all its members have signed", async () => {
  const keys = await console_();
  assert.equal(await keys.learn(await certificate([alice, bob, carol])), true);
  assert.deepEqual(keys.all().map(({ wallet, state }) => [wallet, state]), [["treasury", "active"]]);
});

Deno.test("learn() takes in no key whose members anyone could have made up", async () => {
  const keys = await console_();
  const forged = [
    await certificate([mallory, oscar]),
    await certificate([alice, mallory, oscar], { signers: [mallory, mallory, oscar] }),
    await certificate([alice, mallory, oscar]), // one holder and two that it made up
    await certificate([eve, mallory]),
    await certificate([alice, mallory], { threshold: 1 }),
    await certificate([alice, alice]),
    await certificate([alice, bob, carol], { signers: [alice, bob] }),
    await certificate([alice, bob, carol], { signers: [alice, bob, bob] }),
  ];
  for (const [i, row] of forged.entries()) assert.equal(await keys.learn(row), false, `${i}`);
  assert.deepEqual(keys.all(), []);
});

Deno.test("learn() lets nothing take the place of a key that is known, whatever its epoch", async () => {
  const keys = await console_();
  const first = await certificate([alice, bob, carol]);
  assert.equal(await keys.learn(first), true);
  assert.equal(await keys.learn(await certificate([alice, bob], { epoch: 999, fill: 2 })), false);
  assert.deepEqual(keys.find({ wallet: "treasury", curve: "ed25519" })?.publicKey, first.key!.publicKey);
});
