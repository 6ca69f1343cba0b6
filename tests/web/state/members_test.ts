import assert from "node:assert/strict";
import type { Failure } from "../../../src/events.ts";
import { acceptsEvent, shownAttempt, trimmed } from "../../../web/state/members.ts";
import { alice, bob, carol, here, mallory, me, page, peers, script, status } from "../events.ts";

const viewer = {
  self: me,
  peers: new Map([...peers, [mallory, status("Mallory", { rights: ["observer"] })]]),
};
const only = (state: ReturnType<typeof page>) => [...state.sessions.values()][0]!;

Deno.test("acceptsEvent() is no for peers outside the roster, and for those without a share", () => {
  const t = script({ id: "7f21" });
  assert.equal(acceptsEvent(t.begun(alice, "commit"), viewer), true);
  assert.equal(acceptsEvent(t.begun(mallory, "commit"), viewer), false);
  assert.equal(acceptsEvent(t.begun("12D3KooWnobody", "commit"), viewer), false);
  assert.equal(acceptsEvent(t.begun(me, "commit"), viewer), true);
});

Deno.test("acceptsEvent() is no for codes that do not exist, and for parties that cannot be", () => {
  const t = script({ id: "7f21" });
  assert.equal(
    acceptsEvent({ ...t.failed(alice, "internal"), code: "toString" } as unknown as Failure, viewer),
    false,
  );
  assert.equal(acceptsEvent(t.proposed(alice, [alice, mallory]), viewer), false);
  assert.equal(acceptsEvent(t.proposed(alice, [alice, alice]), viewer), false);
  assert.equal(acceptsEvent(t.proposed(alice, []), viewer), false);
  assert.equal(acceptsEvent(t.opened(alice, [alice, bob], Array(13).fill("x")), viewer), false);
  assert.equal(acceptsEvent(t.opened(alice, [alice, bob], ["x".repeat(25)]), viewer), false);
});

Deno.test("shownAttempt() hears members of an opened session, and nobody else", () => {
  const t = script({ id: "7f21" });
  const party = [alice, bob];
  const state = page([
    t.proposed(alice, party),
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
    t.failed(carol, "invalid-signature-share", { culprits: [alice] }),
  ]);
  assert.deepEqual([...shownAttempt(only(state), state)!.accounts.keys()], [alice, bob]);
});

Deno.test("shownAttempt() hears the coordinator alone before a session is opened", () => {
  const t = script({ id: "7f21" });
  const state = page([
    t.proposed(alice, [alice, bob]),
    t.failed(bob, "internal"),
    t.by(alice, { type: "asking", other: bob }),
  ]);
  const attempt = shownAttempt(only(state), state)!;
  assert.deepEqual([...attempt.accounts.keys()], [alice]);
  assert.deepEqual(attempt.asking, [bob]);
  assert.equal(attempt.opened, false);
});

Deno.test("shownAttempt() does not believe a holder that opens a session for others", () => {
  const t = script({ id: "7f21" });
  const state = page([t.opened(carol, [alice, bob], ["commit"])]);
  assert.equal(shownAttempt(only(state), state)!.opened, false);
});

Deno.test("shownAttempt() takes the party that most of its own members tell, whoever came first", () => {
  const t = script({ id: "7f21" });
  const party = [alice, bob];
  const state = page([
    t.opened(carol, [carol, alice], ["evil"]),
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
  ]);
  const attempt = shownAttempt(only(state), state)!;
  assert.deepEqual(attempt.party, party);
  assert.deepEqual(attempt.rounds, ["commit"]);
  assert.ok(!attempt.accounts.has(carol));
});

Deno.test("shownAttempt() is the same whatever comes first, the opening or what follows it", () => {
  const t = script({ id: "7f21" });
  const party = [alice, bob];
  const events = [
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
    t.begun(bob, "commit"),
  ];
  const forth = page(events);
  const back = page(events.toReversed(), here);
  const accounts = (state: typeof forth) =>
    new Map([...shownAttempt(only(state), state)!.accounts].map(([peer, { events }]) => [peer, events]));
  assert.deepEqual(accounts(forth).get(bob), accounts(back).get(bob));
});

Deno.test("trimmed() takes out of a failure what its author says of itself and of those who have no part", () => {
  const t = script({ id: "7f21" });
  const failure = t.failed(alice, "invalid-proof", {
    culprits: [alice, bob, carol, mallory],
    missing: [alice, mallory, bob],
    claims: [{ by: mallory, code: "internal", peers: [bob] }, {
      by: bob,
      code: "internal",
      peers: [mallory, alice],
    }],
  }) as Failure;
  const { culprits, missing, claims } = trimmed(failure, [alice, bob], viewer);
  assert.deepEqual(culprits, [bob]);
  assert.deepEqual(missing, [bob]);
  assert.deepEqual(claims, [{ by: bob, code: "internal", peers: [alice] }]);
});
