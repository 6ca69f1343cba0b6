import assert from "node:assert/strict";
import fc from "fast-check";
import { type Account, addToSession, insert, newSession } from "../../../web/state/sessions.ts";
import { newestFirst } from "../../../web/state/primary.ts";
import { summarize } from "../../../web/state/summary.ts";
import { alice, bob, carol, hex, mallory, me, page, script } from "../events.ts";

const boots = ["b".repeat(16), "c".repeat(16)];
const empty: Account = { peer: alice, events: [] };

function sequence() {
  const t = script({ id: "7f21" });
  const party = [alice, bob];
  return [
    t.opened(alice, party, ["commit"]),
    t.begun(alice, "commit"),
    t.heard(alice, "commit", bob),
    t.over(alice, "commit"),
    t.done(alice),
  ];
}

Deno.test("insert() gives the same account for every order and any repetition", () => {
  const events = sequence();
  const expected = events.reduce((account, event) => insert(account, event, boots), empty);
  const order = fc.shuffledSubarray([...events, ...events], { minLength: 10, maxLength: 10 });
  fc.assert(fc.property(order, (shuffled) => {
    const account = shuffled.reduce((account, event) => insert(account, event, boots), empty);
    assert.deepEqual(account, expected);
  }));
});

Deno.test("insert() keeps the first end and nothing after it", () => {
  const t = script({ id: "7f21" });
  const events = [
    t.begun(alice, "commit"),
    t.done(alice),
    t.failed(alice, "internal"),
    t.begun(alice, "share"),
  ];
  const account = events.reduce((account, event) => insert(account, event, boots), empty);
  assert.deepEqual(account.events.map(({ type }) => type), ["round", "done"]);
});

Deno.test("insert() puts a peer's later boot after its earlier one, though it counts from one again", () => {
  const t = script({ id: "7f21" });
  const late = { ...t.begun(alice, "share"), boot: boots[1]!, seq: 1 };
  const early = { ...t.begun(alice, "commit"), seq: 50 };
  const account = [late, early].reduce((account, event) => insert(account, event, boots), empty);
  assert.deepEqual(account.events, [early, late]);
});

Deno.test("insert() takes no more than a bounded number, but always an end", () => {
  const t = script({ id: "7f21" });
  let account = empty;
  for (let i = 0; i < 1_000; i++) account = insert(account, t.heard(alice, "commit", bob), boots);
  assert.equal(account.events.length, 400);
  account = insert(account, t.done(alice), boots);
  assert.equal(account.events.at(-1)?.type, "done");
});

Deno.test("addToSession() keeps few attempts, and of those the ones that more peers tell of", () => {
  const real = script({ id: "7f21", attempt: "aa" });
  let session = newSession({
    id: real.id,
    initiator: me,
    kind: "sign",
    wallet: "treasury",
    scheme: "ed25519",
  });
  const add = (event: ReturnType<typeof real.began>) =>
    session = addToSession(session, event, { boots, now: 0 });
  add(real.opened(alice, [alice, bob], ["commit"]));
  add(real.opened(bob, [alice, bob], ["commit"]));
  for (let i = 0; i < 20; i++) add(script({ id: "7f21", attempt: `f${i}` }).proposed(bob, [bob]));
  assert.equal(session.attempts.size, 4);
  assert.ok([...session.attempts.keys()].some((attempt) => attempt.startsWith("aa")));
});

// Everybody hears of an id while people think: another may ask for something else under it.
Deno.test("reduce() keeps two commands of one id apart", () => {
  const mine = script({ id: "77aa", attempt: "a1", session: "51" });
  const theirs = script({ id: "77aa", attempt: "b1", session: "52", initiator: mallory });
  const asking = [
    mine.began(alice),
    mine.proposed(alice, [alice, bob]),
    mine.by(alice, { type: "asking", other: bob }),
  ];
  const party = [bob, carol];
  const state = page([
    { type: "requested", id: mine.id, kind: "sign", wallet: "treasury", scheme: "ed25519", request: {} },
    ...asking,
    theirs.began(bob),
    theirs.proposed(bob, party),
    ...party.map((peer) => theirs.opened(peer, party, ["commit", "share"])),
    ...party.map((peer) => theirs.done(peer, hex("bad0"))),
  ]);
  const shown = newestFirst(state).map((session) => {
    const { status, resultHash } = summarize(session, state);
    return [session.initiator, status, resultHash];
  });
  assert.deepEqual(shown, [[mallory, "done", hex("bad0")], [me, "asking", null]]);
});
