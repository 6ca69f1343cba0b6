import assert from "node:assert/strict";
import { warningCount } from "../../../web/state/model.ts";
import { sessionKey } from "../../../web/state/sessions.ts";
import { initial } from "../../../web/state/model.ts";
import { reduce } from "../../../web/state/reduce.ts";
import { alice, bob, carol, here, hex, key, mallory, me, page, script, warning } from "../events.ts";

Deno.test("reduce() is pure: the state before is as it was", () => {
  const before = structuredClone(here);
  reduce(here, script({ id: "7f21" }).began(alice), 0);
  assert.deepEqual(here, before);
});

Deno.test("reduce() believes nobody while it knows no roster", () => {
  assert.equal(reduce(initial, script({ id: "7f21" }).began(alice), 0).sessions.size, 0);
});

Deno.test("reduce() keeps links' own sessions out of the list, and their failures beside the links", () => {
  const t = script({ id: "ec", kind: "ecdh" });
  const party = [alice, bob];
  const state = page([t.opened(alice, party, ["confirm"]), t.failed(alice, "link-lost", { missing: [bob] })]);
  assert.equal(state.sessions.size, 0);
  assert.equal(state.linkFaults.length, 1);
});

Deno.test("reduce() adds warnings up by who saw them, what they were and where they came from", () => {
  const state = page([
    warning(alice, 1, { count: 40, via: mallory }),
    warning(alice, 2, { count: 7, via: mallory }),
    warning(bob, 1, { count: 1, via: mallory }),
    warning(mallory, 1, { count: 1_000_000 }),
    warning(alice, 3, { code: "hasOwnProperty" as "late-message" }),
  ]);
  assert.deepEqual([...state.warnings.values()].map(({ count }) => count), [47, 1]);
  assert.equal(warningCount(state), 48);
});

Deno.test("reduce() keeps a bounded number of warnings, sessions, bans and link faults", () => {
  const flood = Array.from({ length: 500 }, (_, i) => [
    warning(alice, i, { via: `12D3Koo${i}` }),
    script({ id: `a${i}` }).began(alice),
    script({ id: `e${i}`, kind: "ecdh" }).failed(alice, "link-lost", { missing: [bob] }),
  ]).flat();
  const state = page(flood);
  assert.equal(state.warnings.size, 40);
  assert.equal(state.sessions.size, 60);
  assert.equal(state.linkFaults.length, 20);
});

Deno.test("reduce() lets others' sessions go before those this page asked for", () => {
  const id = hex("7f21", 32);
  const mine = {
    type: "requested",
    id,
    kind: "sign",
    wallet: "treasury",
    scheme: "ed25519",
    request: {},
  } as const;
  const state = page([mine, ...Array.from({ length: 200 }, (_, i) => script({ id: `a${i}` }).began(alice))]);
  assert.ok(state.sessions.has(sessionKey({ initiator: me, id })));
});

Deno.test("reduce() says one sentence for each end, however many peers tell of it", () => {
  const t = script({ id: "7f21" });
  const party = [alice, bob, carol];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, ["commit"])),
    t.failed(alice, "round-timeout", { missing: [bob], round: "commit" }),
    t.failed(carol, "round-timeout", { missing: [bob], round: "commit" }),
  ]);
  assert.deepEqual(state.log.map(({ text }) => text), ["Bob did not answer in time in round “commit”."]);
});

Deno.test("reduce() says a success in a sentence of its own, and never what was heard", () => {
  const t = script({ id: "7f21" });
  const party = [alice, bob];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, ["commit"])),
    t.heard(alice, "commit", bob),
    t.done(alice),
    t.done(bob),
  ]);
  assert.deepEqual(state.log.map(({ text }) => text), ["Signed with “treasury”."]);
});

Deno.test("reduce() counts what came too fast", () => {
  const view = { peer: "alice", boot: "00".repeat(8), seq: 7, at: 1 };
  assert.equal(
    page([{ type: "lagged", dropped: 3, ...view }, { type: "lagged", dropped: 4, ...view }]).dropped,
    7,
  );
});

Deno.test("reduce() works with the key that was just made, and stays with the one at hand", () => {
  const second = { ...key, wallet: "second", session: hex("5ec0") };
  const made = page([{ type: "keys", keys: [] }, { type: "keys", keys: [key] }]);
  assert.equal(made.selected, key.session);
  const more = page([{ type: "keys", keys: [key, second] }], made);
  assert.equal(more.selected, second.session);
  assert.equal(page([{ type: "select", key: key.session }], more).selected, key.session);
});

Deno.test("reduce() knows where each peer stands with a key that was pending", () => {
  const event = {
    type: "key",
    peer: alice,
    boot: "b".repeat(16),
    seq: 9,
    at: 0,
    wallet: "treasury",
    scheme: "ed25519",
    epoch: 0,
    session: hex("9e4d"),
    state: "active",
  } as const;
  const state = page([event, { ...event, peer: mallory }]);
  assert.deepEqual([...state.keyStates.get(hex("9e4d"))!.keys()], [alice]);
});
