import assert from "node:assert/strict";
import { newestFirst } from "../../web/state/primary.ts";
import { summarize, type Summary } from "../../web/state/summary.ts";
import { alice, bob, carol, hex, me, page, told } from "./events.ts";
import { stories, type Story } from "./stories.ts";

function last(story: Story): Summary {
  const state = page(stories[story]);
  return summarize(newestFirst(state)[0]!, state);
}
const evidence = hex("aa");

Deno.test("summarize() is done when the signature came, and says how long by one peer's clock", () => {
  const summary = last("done");
  assert.equal(summary.status, "done");
  assert.deepEqual(summary.took, { ms: summary.took!.ms, by: alice });
  assert.equal(summary.resultHash, hex("77aa"));
});

Deno.test("summarize() of a forged share: the one who checked it, and the one who was told", () => {
  const summary = last("forged");
  assert.equal(summary.status, "failed");
  assert.equal(summary.failure?.code, "invalid-signature-share");
  assert.deepEqual(summary.failure?.culprits, [bob]);
  assert.deepEqual(summary.agree, [alice]);
  assert.deepEqual(summary.relayed, [{ peer: bob, from: [alice] }]);
  assert.deepEqual(summary.differing, []);
  assert.equal(summary.disputed, false);
});

Deno.test("summarize() of two stories: two found it, each by itself", () => {
  const summary = last("equivocation");
  assert.deepEqual(summary.agree, [alice, carol]);
  assert.deepEqual(summary.silent, [bob]);
});

Deno.test("summarize() of views that differ takes no side", () => {
  const summary = last("differing");
  assert.equal(summary.disputed, true);
  assert.deepEqual(summary.differing.map(({ peer }) => peer), [bob]);
});

Deno.test("summarize() lets evidence settle a dispute, and nothing else", () => {
  const state = page(stories.differing);
  const { key: session } = newestFirst(state)[0]!;
  const proven = page([{ type: "proof", session, by: bob, proof: "proven" }], state);
  const told = summarize(newestFirst(proven)[0]!, proven);
  assert.equal(told.disputed, false);
  assert.deepEqual(told.failure?.culprits, [alice]);
  const refuted = page([{ type: "proof", session, by: bob, proof: "not-proven" }], state);
  const other = summarize(newestFirst(refuted)[0]!, refuted);
  assert.equal(other.disputed, false);
  assert.deepEqual(other.failure?.culprits, [bob]);
});

Deno.test("summarize() prefers hearsay shown as such to an accusation that brings nothing", () => {
  const t = told({ id: "fa15" });
  const party = [alice, bob];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, ["commit", "share"])),
    t.failed(bob, "invalid-signature-share", { culprits: [alice] }),
    t.failed(alice, "aborted-by-peer", {
      claims: [{ by: bob, code: "invalid-signature-share", peers: [alice] }],
    }),
  ]);
  const summary = summarize(newestFirst(state)[0]!, state);
  assert.equal(summary.failure?.code, "aborted-by-peer");
  assert.deepEqual(summary.failure?.culprits, []);
  assert.deepEqual(summary.differing.map(({ peer }) => peer), [bob]);
});

Deno.test("summarize() of a silence tells the earliest wait: the later ones were for those who waited too", () => {
  const t = told({ id: "51e4" });
  const party = [alice, bob, carol];
  const state = page([
    t.began(alice),
    t.proposed(alice, party),
    ...party.map((peer) => t.opened(peer, party, ["extend", "correct", "finish"])),
    t.failed(carol, "round-timeout", { round: "correct", missing: [alice] }),
    t.failed(alice, "round-timeout", { round: "extend", missing: [carol] }),
    t.failed(bob, "round-timeout", { round: "correct", missing: [alice] }),
  ]);
  const summary = summarize(newestFirst(state)[0]!, state);
  assert.deepEqual(summary.failure?.missing, [carol]);
  assert.deepEqual(summary.agree, [alice]);
});

Deno.test("summarize() keeps an accuser and the accused apart: who was told by whom is a part of what is found", () => {
  for (const story of ["accused", "accuser"] as const) {
    const { failure, agree, relayed, differing, belied } = last(story);
    assert.deepEqual([failure?.peer, failure?.claims[0]?.by], [carol, bob], story);
    assert.deepEqual(agree, [carol], "Bob does not say the same");
    assert.deepEqual([relayed, differing], [[], []]);
    assert.deepEqual(belied, [bob]);
  }
});

Deno.test("summarize() calls an accusation without evidence a mere word, and one that this page refuted too", () => {
  const t = told({ id: "fa15" });
  const party = [alice, bob];
  const opened = party.map((peer) => t.opened(peer, party, ["commit", "share"]));
  const bare = page([...opened, t.failed(bob, "invalid-signature-share", { culprits: [alice] })]);
  assert.equal(summarize(newestFirst(bare)[0]!, bare).wordOnly, true);
  const with_ = page([
    ...opened,
    t.failed(bob, "invalid-signature-share", { culprits: [alice], evidence }),
  ]);
  assert.equal(summarize(newestFirst(with_)[0]!, with_).wordOnly, false);
  const refuted = page([{ type: "proof", session: t.key, by: bob, proof: "not-proven" }], with_);
  assert.equal(summarize(newestFirst(refuted)[0]!, refuted).wordOnly, true);
});

Deno.test("summarize() believes the recipient of an ECDSA share: no one else could check it", () => {
  const t = told({ id: "ecfa", curve: "secp256k1" });
  const party = [carol, bob];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, ["extend", "correct", "finish"])),
    t.failed(carol, "invalid-signature-share", { round: "finish", culprits: [bob] }),
    t.failed(bob, "aborted-by-peer", {
      round: "finish",
      claims: [{ by: carol, code: "invalid-signature-share", peers: [bob] }],
    }),
  ]);
  const summary = summarize(newestFirst(state)[0]!, state);
  assert.deepEqual([summary.failure?.code, summary.caught], ["invalid-signature-share", true]);
});

Deno.test("summarize() of a dead coordinator still tells what the others saw", () => {
  const summary = last("crash");
  assert.equal(summary.failure?.code, "peer-left");
  assert.deepEqual(summary.failure?.missing, [alice]);
  assert.deepEqual(summary.silent, [alice]);
});

Deno.test("summarize() of a key needs every member's done, of a signature one", () => {
  const t = told({ id: "51ee", kind: "generate" });
  const party = [alice, bob];
  const state = page([...party.map((peer) => t.opened(peer, party, [])), t.done(alice)]);
  assert.equal(summarize(newestFirst(state)[0]!, state).status, "running");
  const all = page([t.done(bob)], state);
  assert.equal(summarize(newestFirst(all)[0]!, all).status, "done");
});

Deno.test("summarize() shows different results as a difference", () => {
  const t = told({ id: "a90c" });
  const party = [alice, bob];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, [])),
    t.done(alice),
    t.done(bob, hex("beef")),
  ]);
  const summary = summarize(newestFirst(state)[0]!, state);
  assert.equal(summary.resultHash, null);
  assert.equal(summary.differing.length, 2);
});

Deno.test("summarize() falls back on what this page's own node says", () => {
  const id = hex("7f21", 32);
  const asked = { type: "asked", id, kind: "sign", wallet: "treasury", curve: "ed25519", asked: {} } as const;
  const state = page([asked, { type: "rejected", id, code: "expired" }]);
  const { failure, status } = summarize(newestFirst(state)[0]!, state);
  assert.equal(status, "failed");
  assert.deepEqual([failure?.code, failure?.peer], ["expired", me]);
});

Deno.test("summarize() of a signature that a cheater handed over: done, and caught all the same", () => {
  const state = page(stories.caught);
  const summary = summarize(newestFirst(state)[0]!, state);
  assert.deepEqual([summary.status, summary.caught], ["done", true]);
  assert.deepEqual(summary.failure?.culprits, [bob]);
  assert.deepEqual(state.log.slice(-2).map(({ text }) => text), [
    "Bob sent a signature share that does not verify.",
    "Signed with “treasury”.",
  ]);
});

Deno.test("summarize() does not let a peer that told others one thing headline with another", () => {
  const t = told({ id: "fa15" });
  const party = [bob, alice];
  const state = page([
    ...party.map((peer) => t.opened(peer, party, ["commit", "share"])),
    t.failed(bob, "peer-left", { missing: [alice] }),
    t.failed(alice, "aborted-by-peer", {
      claims: [{ by: bob, code: "invalid-signature-share", peers: [alice] }],
    }),
  ]);
  assert.equal(summarize(newestFirst(state)[0]!, state).failure?.peer, alice);
});
