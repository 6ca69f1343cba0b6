import assert from "node:assert/strict";
import { SessionError, StoreError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { commitKey, type CommitOptions, type Dealt } from "../../src/keystore/commit_key.ts";
import { type KeyRow, readRow, rowName, rowWithout, writeRow } from "../../src/keystore/key_rows.ts";
import type { Rows } from "../../src/keystore/rows.ts";
import { isRelease, voteBody } from "../../src/keystore/vote_signatures.ts";
import type { Identity } from "../../src/ports.ts";
import { releaseRound, voteRound } from "../../src/session/control.ts";
import { signEnvelope } from "../../src/session/envelope.ts";
import { Votes } from "../../src/session/words/votes.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";

const random = seededRandom("commit");
const [alice, bob, carol, dave] = await Promise.all([1, 2, 3, 4].map(() => nobleIdentity(random))) as [
  Identity,
  Identity,
  Identity,
  Identity,
];
const [session, parentSession] = [7, 6].map((fill) => new Uint8Array(32).fill(fill)) as [
  Uint8Array,
  Uint8Array,
];
const none = new Uint8Array();
const parent = { session: parentSession, vote: new Uint8Array(32).fill(5) };

/** Alice and bob deal to bob and dave; carol looks on. */
const key = {
  wallet: "treasury",
  scheme: "ed25519" as const,
  epoch: 2,
  threshold: 2,
  members: [bob.peer, dave.peer],
  publicKey: new Uint8Array(32).fill(1),
  verifyingShares: [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)],
  chainCode: new Uint8Array(32).fill(4),
};
const transcript = new Uint8Array(32).fill(8);
const body = voteBody({ key, transcript, parent });
const flip = (bytes: Uint8Array) => bytes.with(0, bytes[0]! ^ 1);
const says = (who: Identity, round: string, what = body) =>
  signEnvelope(who, { session, round, to: "*", body: what });

/** A commit at one peer, from its opened row on. */
async function begin(self: Identity, { fails = () => false, check = () => {} }: {
  fails?: (row: number) => boolean;
  check?: () => void;
} = {}) {
  const kept = new Map<string, { version: number; plain: Uint8Array }>();
  const sent: string[] = [];
  let writes = 0;
  const rows: Rows = {
    get: (name) => Promise.resolve(kept.get(name) ?? null),
    swap(name, from, plain) {
      if (fails(++writes)) return Promise.reject(new StoreError("full"));
      if ((kept.get(name)?.version ?? null) !== from) return Promise.resolve(false);
      if (plain === null) kept.delete(name);
      else kept.set(name, { version: (from ?? 0) + 1, plain });
      return Promise.resolve(true);
    },
    names: () => Promise.resolve([...kept.keys()]),
    erase: (name) => Promise.resolve(void kept.delete(name)),
  };
  await writeRow(rows, null, rowWithout("opened", session, 0));
  const row = async (): Promise<KeyRow> => (await readRow(rows, rowName(session)))!.row;
  const aborting = new AbortController();
  const others = [alice, bob, carol, dave].map(({ peer }) => peer).filter((peer) => peer !== self.peer);
  const votes = new Votes({
    others,
    voters: others.filter((peer) => key.members.includes(peer)),
    opens: new Map(others.map((peer) => [peer, new Uint8Array([1])])),
    signal: aborting.signal,
    send: (round, what) => {
      assert.deepEqual(what, body);
      void row().then(({ state }) => sent.push(`${round} ${state}`));
    },
  });
  const told: string[] = [];
  const options: CommitOptions = {
    rows,
    identity: self,
    preimage: new Uint8Array([9]),
    dealtFrom: { parent, dealers: [alice.peer, bob.peer], check },
    changed: ({ state }, told_) => told.push(`${state} ${told_}`),
  };
  const share = key.members.includes(self.peer) ? new Uint8Array([3]) : null;
  const outcome: Dealt = { kind: "reshare", key, transcript, share, pairs: new Map() };
  const result = commitKey(options, session, outcome, votes).then(
    (done) => ({ done, error: null }),
    (error: SessionError) => ({ done: null, error }),
  );
  const add = async (who: Identity, round: string, what?: Uint8Array) =>
    votes.add(await says(who, round, what));
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  await settle();
  return { rows, row, votes, aborting, sent, told, result, add, settle };
}

const all = (self: Identity) => [alice, bob, carol, dave].filter((one) => one !== self);

Deno.test("commitKey() releases the epoch before it votes, on disk before it says so, and keeps the dealers' releases", async () => {
  const { row, sent, told, result, add, settle } = await begin(bob);
  assert.deepEqual([(await row()).state, sent], ["released", [`${releaseRound} released`]]);
  assert.deepEqual((await row()).parent, parent);
  assert.equal((await row()).share.length, 0);
  for (const one of [alice, carol]) await add(one, releaseRound);
  await settle();
  assert.equal((await row()).state, "released", "dave's is not there");
  await add(dave, releaseRound);
  await settle();
  const pending = await row();
  assert.deepEqual([pending.state, sent.slice(1)], ["pending", [`${voteRound} pending`]]);
  assert.equal(pending.releases.length, 2);
  for (const [i, dealer] of [alice, bob].entries()) {
    assert.ok(await isRelease(alice, pending, dealer.peer, pending.releases[i]!));
  }
  await add(dave, voteRound);
  const { done } = await result;
  assert.equal(done!.state, "active");
  assert.deepEqual(done!.votes, [
    (await says(bob, voteRound)).signature,
    (await says(dave, voteRound)).signature,
  ]);
  assert.deepEqual(told, ["released null", "pending pending", "active active"]);
});

Deno.test("commitKey() of a peer that gets no share casts no vote, and waits for those who do", async () => {
  const { row, sent, told, result, add, settle } = await begin(carol);
  for (const one of all(carol)) await add(one, releaseRound);
  await settle();
  const waiting = await row();
  assert.deepEqual([waiting.state, waiting.releases.length, waiting.share.length], ["released", 2, 0]);
  assert.deepEqual(sent, [`${releaseRound} released`]);
  for (const one of [bob, dave]) await add(one, voteRound);
  const { done } = await result;
  assert.deepEqual([done!.state, done!.votes.map(({ length }) => length)], ["known", [64, 64]]);
  assert.deepEqual(told, ["released null", "released null", "known active"]);
});

for (const [who, self] of [["a member", bob], ["a peer that leaves", carol]] as const) {
  Deno.test(`commitKey() at ${who} names everyone who releases the epoch to another key, and votes for none`, async () => {
    const { row, sent, told, result, add, settle } = await begin(self);
    const [liar, ...honest] = all(self);
    await add(liar!, releaseRound, flip(body));
    for (const one of honest) await add(one, releaseRound);
    await settle();
    assert.deepEqual([(await row()).state, sent], ["released", [`${releaseRound} released`]]);
    assert.equal(told.length, 1, "nothing is written after the release");
    const { error } = await result;
    assert.deepEqual([error!.code, error!.culprits], ["invalid-confirmation", [liar!.peer]]);
  });

  Deno.test(`commitKey() at ${who} names who votes for another key`, async () => {
    const { result, add } = await begin(self);
    for (const one of all(self)) await add(one, releaseRound);
    for (const one of all(self).filter(({ peer }) => key.members.includes(peer))) {
      await add(one, voteRound, one === dave ? flip(body) : body);
    }
    const { error } = await result;
    assert.deepEqual([error!.code, error!.culprits], ["invalid-confirmation", [dave.peer]]);
  });

  Deno.test(`commitKey() at ${who} finds missing who leaves before its release, and before its vote`, async () => {
    const first = await begin(self);
    for (const one of [alice, bob, carol]) if (one !== self) await first.add(one, releaseRound);
    first.votes.left(dave.peer);
    const early = (await first.result).error!;
    assert.deepEqual([early.code, early.missing], ["peer-left", [dave.peer]]);
    assert.equal((await first.row()).state, "released");
    const second = await begin(self);
    for (const one of all(self)) await second.add(one, releaseRound);
    if (self !== bob) await second.add(bob, voteRound);
    second.votes.left(dave.peer);
    const late = (await second.result).error!;
    assert.deepEqual([late.code, late.missing], ["wallet-pending", [dave.peer]]);
    const kept = await second.row();
    assert.equal(kept.state, self === bob ? "pending" : "released");
    assert.deepEqual(kept.votes.map(({ length }) => length), [64, 0], "the vote that came is kept");
  });
}

Deno.test("commitKey() takes no two releases of one peer for different keys", async () => {
  const { add, result, aborting } = await begin(bob);
  await add(carol, releaseRound);
  await add(carol, releaseRound);
  await assert.rejects(add(carol, releaseRound, flip(body)), (error) => {
    assert.ok(error instanceof SessionError);
    assert.deepEqual([error.code, error.culprits], ["equivocation", [carol.peer]]);
    aborting.abort(error);
    return true;
  });
  assert.equal((await result).error!.code, "equivocation");
});

Deno.test("commitKey() says nothing that is not on disk, and nothing after this node's no", async () => {
  const full = await begin(bob, { fails: (nth) => nth > 1 });
  assert.equal((await full.result).error!.code, "store-failed");
  assert.deepEqual(full.sent, []);
  const later = await begin(bob, { fails: (nth) => nth > 2 });
  for (const one of all(bob)) await later.add(one, releaseRound);
  assert.equal((await later.result).error!.code, "store-failed");
  assert.deepEqual(later.sent, [`${releaseRound} released`], "released, and no vote");
  const refused = await begin(bob);
  const found = (await readRow(refused.rows, rowName(session)))!;
  await writeRow(refused.rows, found.version, { ...found.row, state: "no" });
  for (const one of all(bob)) await refused.add(one, releaseRound);
  assert.equal((await refused.result).error!.code, "wallet-busy");
  assert.equal((await refused.row()).state, "no");
  assert.deepEqual(refused.sent, [`${releaseRound} released`]);
});

Deno.test("commitKey() gives no word to a session whose epoch another one has dealt anew meanwhile", async () => {
  const reason = new Error("dealt anew");
  for (const [words, state] of [[0, "opened"], [1, "released"]] as const) {
    let left = words;
    const check = () => {
      if (left-- === 0) throw reason;
    };
    const { row, sent, result, add, settle } = await begin(bob, { check });
    for (const one of all(bob)) await add(one, releaseRound);
    await settle();
    assert.equal((await row()).state, state);
    assert.equal(sent.length, words);
    assert.equal((await result).error, reason);
  }
});

Deno.test("commitKey() gives no share away that was erased while the votes came", async () => {
  const { rows, row, result, add, settle } = await begin(bob);
  for (const one of all(bob)) await add(one, releaseRound);
  await settle();
  const found = (await readRow(rows, rowName(session)))!;
  await writeRow(rows, found.version, { ...found.row, state: "gone", share: none });
  await add(dave, voteRound);
  assert.equal((await result).error!.code, "wallet-busy");
  assert.equal((await row()).state, "gone");
});

/** All peers here have different ids. */
assert.equal(new Set<PeerId>([alice, bob, carol, dave].map(({ peer }) => peer)).size, 4);
