import assert from "node:assert/strict";
import type { PublicKeyPackage } from "../../src/ports.ts";
import { isRelease, voteBody } from "../../src/keystore/vote_signatures.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import { signEnvelope } from "../../src/session/envelope.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const random = seededRandom("votes of a resharing");
const [alice, bob] = [await nobleIdentity(random), await nobleIdentity(random)];
const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const key: PublicKeyPackage = {
  wallet: "treasury",
  scheme: "ed25519",
  epoch: 2,
  threshold: 2,
  members: [alice.peer, bob.peer].sort(),
  publicKey: bytes(1),
  verifyingShares: [bytes(2), bytes(3)],
  chainCode: bytes(4),
};
const session = bytes(5), transcript = bytes(6);
const parent = { session: bytes(7), vote: bytes(8) };
const body = voteBody({ key, transcript, parent });

Deno.test("voteBody() binds the epoch that was dealt anew, and no vote is a release", async () => {
  for (const from of [null, { ...parent, vote: bytes(9) }, { ...parent, session: bytes(9) }]) {
    assert.notDeepEqual(voteBody({ key, transcript, parent: from }), body);
  }
  const row = { session, key, transcript, parent };
  const said = async (round: string) =>
    (await signEnvelope(alice, { session, round, to: "*", body })).signature;
  assert.ok(await isRelease(alice, row, alice.peer, await said(releaseRound)));
  assert.ok(!await isRelease(alice, row, alice.peer, await said(voteRound)));
  assert.ok(!await isRelease(alice, row, bob.peer, await said(releaseRound)), "of another peer");
  assert.ok(!await isRelease(alice, { ...row, session: bytes(9) }, alice.peer, await said(releaseRound)));
});
