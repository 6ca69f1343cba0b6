import { encode } from "cborg";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Identity } from "../../src/ports.ts";
import {
  acceptedTwice,
  acceptRecord,
  attemptOf,
  firstRoundOf,
  goRecord,
  readGo,
} from "../../src/session/invite.ts";
import { sign } from "../../src/session/signed.ts";
import { seededRandom } from "../sim/cluster.ts";
import { stubIdentity } from "../sim/identity.ts";

const random = seededRandom("go");
const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => stubIdentity(random, name))) as [
  Identity,
  Identity,
];
const invite = new Uint8Array(40).fill(1);
const attempt = { attempt: attemptOf(invite), invite, coordinator: "alice", party: ["alice", "bob"] };

type Accept = ReturnType<typeof acceptRecord.decode>;
async function acceptOf(identity: Identity, changes: Partial<Accept> = {}): Promise<Uint8Array> {
  const honest = {
    attempt: attempt.attempt,
    boot: new Uint8Array(8).fill(2),
    nonce: new Uint8Array(32).fill(3),
    firstRound: new TextEncoder().encode(identity.peer),
  };
  return (await sign(identity, acceptRecord, { ...honest, ...changes })).encoded;
}
const goOf = async (accepts: Uint8Array[], { by = alice, of = attempt.attempt } = {}): Promise<Uint8Array> =>
  (await sign(by, goRecord, { attempt: of, accepts })).encoded;
const honest = [await acceptOf(alice), await acceptOf(bob)];
const read = (go: Uint8Array) => readGo(alice, go, attempt);

Deno.test("readGo() reads the coordinator's go, with the session and everybody's first round", async () => {
  const go = (await read(await goOf(honest)))!;
  const hashed = encode(["quorate/1/session", invite, ...honest]); // not by sessionOf(), which readGo() calls
  assert.equal(go.session.toHex(), createHash("sha256").update(hashed).digest("hex"));
  assert.deepEqual(
    [...firstRoundOf(go.accepts)].map(([peer, bytes]) => [peer, new TextDecoder().decode(bytes)]),
    [["alice", "alice"], ["bob", "bob"]],
  );
});

Deno.test("readGo() reads another session for every accept that differs, in whatever it does, and for another invite", async () => {
  const changes: Partial<Accept>[] = [
    {},
    { boot: new Uint8Array(8) },
    { nonce: new Uint8Array(32) },
    { firstRound: new Uint8Array(3) },
  ];
  const sessions = new Set<string>();
  for (const ofAlice of changes) {
    for (const ofBob of changes) {
      const accepts = [await acceptOf(alice, ofAlice), await acceptOf(bob, ofBob)];
      sessions.add((await read(await goOf(accepts)))!.session.toHex());
    }
  }
  assert.equal(sessions.size, changes.length ** 2);
  const other = await readGo(alice, await goOf(honest), { ...attempt, invite: invite.with(0, 2) });
  assert.ok(!sessions.has(other!.session.toHex()));
});

Deno.test("readGo() reads no go of another, of another attempt, or without everybody's accept of it", async () => {
  const other = new Uint8Array(32).fill(9);
  const wrong: [string, Uint8Array][] = [
    ["of another", await goOf(honest, { by: bob })],
    ["of another attempt", await goOf(honest, { of: other })],
    ["one too few", await goOf([honest[0]!])],
    ["one too many", await goOf([...honest, await acceptOf(bob)])],
    ["in another order", await goOf([...honest].reverse())],
    ["of one alone", await goOf([honest[0]!, await acceptOf(alice)])],
    ["an accept of another attempt", await goOf([honest[0]!, await acceptOf(bob, { attempt: other })])],
    ["a forged accept", await goOf([honest[0]!, honest[1]!.with(-1, honest[1]!.at(-1)! ^ 1)])],
    ["no go", honest[0]!],
    ["changed", (await goOf(honest)).with(-1, 0)],
  ];
  for (const [what, go] of wrong) assert.equal(await read(go), null, what);
});

/** Who has accepted twice, by a go with bob's accept as it is and one in which it is changed. */
async function twice(changes: Partial<Accept>): Promise<string[]> {
  const [one, other] = [await goOf(honest), await goOf([honest[0]!, await acceptOf(bob, changes)])];
  return acceptedTwice((await read(one))!, (await read(other))!);
}

Deno.test("acceptedTwice() names who has signed two accepts in one boot, and nobody who has restarted", async () => {
  assert.deepEqual(await twice({ nonce: new Uint8Array(32) }), ["bob"]);
  assert.deepEqual(await twice({ firstRound: new Uint8Array(1) }), ["bob"]);
  assert.deepEqual(await twice({ boot: new Uint8Array(8), nonce: new Uint8Array(32) }), []);
  assert.deepEqual(await twice({}), []);
});
