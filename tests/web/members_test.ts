import assert from "node:assert/strict";
import type { Failure } from "../../src/events.ts";
import { current, mayTell, trimmed } from "../../web/state/members.ts";
import { alice, bob, carol, here, mallory, me, page, peers, status, told } from "./events.ts";

const company = {
  self: me,
  peers: new Map([...peers, [mallory, status("Mallory", { rights: ["observer"] })]]),
};
const only = (state: ReturnType<typeof page>) => [...state.sessions.values()][0]!;

Deno.test("mayTell() is no for peers outside the roster, and for those without a share", () => {
  const t = told({ id: "7f21" });
  assert.equal(mayTell(t.begun(alice, "commit"), company), true);
  assert.equal(mayTell(t.begun(mallory, "commit"), company), false);
  assert.equal(mayTell(t.begun("12D3KooWnobody", "commit"), company), false);
  assert.equal(mayTell(t.begun(me, "commit"), company), true);
});

Deno.test("mayTell() is no for codes that do not exist, and for parties that cannot be", () => {
  const t = told({ id: "7f21" });
  assert.equal(
    mayTell({ ...t.failed(alice, "internal"), code: "toString" } as unknown as Failure, company),
    false,
  );
  assert.equal(mayTell(t.proposed(alice, [alice, mallory]), company), false);
  assert.equal(mayTell(t.proposed(alice, [alice, alice]), company), false);
  assert.equal(mayTell(t.proposed(alice, []), company), false);
  assert.equal(mayTell(t.opened(alice, [alice, bob], Array(13).fill("x")), company), false);
  assert.equal(mayTell(t.opened(alice, [alice, bob], ["x".repeat(25)]), company), false);
});

Deno.test("current() hears members of an opened session, and nobody else", () => {
  const t = told({ id: "7f21" });
  const party = [alice, bob];
  const state = page([
    t.proposed(alice, party),
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
    t.failed(carol, "invalid-signature-share", { culprits: [alice] }),
  ]);
  assert.deepEqual([...current(only(state), state)!.views.keys()], [alice, bob]);
});

Deno.test("current() hears the coordinator alone before a session is opened", () => {
  const t = told({ id: "7f21" });
  const state = page([
    t.proposed(alice, [alice, bob]),
    t.failed(bob, "internal"),
    t.by(alice, { type: "asking", other: bob }),
  ]);
  const attempt = current(only(state), state)!;
  assert.deepEqual([...attempt.views.keys()], [alice]);
  assert.deepEqual(attempt.asking, [bob]);
  assert.equal(attempt.opened, false);
});

Deno.test("current() does not believe a holder that opens a session for others", () => {
  const t = told({ id: "7f21" });
  const state = page([t.opened(carol, [alice, bob], ["commit"])]);
  assert.equal(current(only(state), state)!.opened, false);
});

Deno.test("current() takes the party that most of its own members tell, whoever came first", () => {
  const t = told({ id: "7f21" });
  const party = [alice, bob];
  const state = page([
    t.opened(carol, [carol, alice], ["evil"]),
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
  ]);
  const attempt = current(only(state), state)!;
  assert.deepEqual(attempt.party, party);
  assert.deepEqual(attempt.rounds, ["commit"]);
  assert.ok(!attempt.views.has(carol));
});

Deno.test("current() is the same whatever comes first, the opening or what follows it", () => {
  const t = told({ id: "7f21" });
  const party = [alice, bob];
  const events = [
    t.opened(alice, party, ["commit"]),
    t.opened(bob, party, ["commit"]),
    t.begun(bob, "commit"),
  ];
  const forth = page(events);
  const back = page(events.toReversed(), here);
  const views = (state: typeof forth) =>
    new Map([...current(only(state), state)!.views].map(([peer, { events }]) => [peer, events]));
  assert.deepEqual(views(forth).get(bob), views(back).get(bob));
});

Deno.test("trimmed() takes out of a failure what its author says of itself and of those who have no part", () => {
  const t = told({ id: "7f21" });
  const failure = t.failed(alice, "invalid-proof", {
    culprits: [alice, bob, carol, mallory],
    missing: [alice, mallory, bob],
    claims: [{ by: mallory, code: "internal", peers: [bob] }, {
      by: bob,
      code: "internal",
      peers: [mallory, alice],
    }],
  }) as Failure;
  const { culprits, missing, claims } = trimmed(failure, [alice, bob], company);
  assert.deepEqual(culprits, [bob]);
  assert.deepEqual(missing, [bob]);
  assert.deepEqual(claims, [{ by: bob, code: "internal", peers: [alice] }]);
});
