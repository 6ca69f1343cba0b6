import assert from "node:assert/strict";
import { linked, standing } from "../../web/state/presence.ts";
import { alice, bob, carol, here, links, me, page, peers, status } from "./events.ts";

const seen = (more: Parameters<typeof status>[1], self = here.peers.get(me)!) =>
  standing(alice, { ...here, peers: new Map([...peers, [alice, status("Alice", more)], [me, self]]) });

Deno.test("standing() of a holder, seen from a page that holds nothing, is what it says of itself", () => {
  assert.equal(seen({ link: "none", links: [bob] }), "ready");
  assert.equal(seen({ link: "none" }), "ready");
  assert.equal(seen({ link: "none", links: [] }), "connecting");
  assert.equal(seen({ link: "none", connected: false, links: [bob] }), "away");
});

Deno.test("standing() of a holder, seen from another, is their own link", () => {
  const holder = status("this tab");
  assert.equal(seen({ link: "up" }, holder), "ready");
  assert.equal(seen({ link: "none", links: [bob] }, holder), "connecting");
  assert.equal(seen({ link: "retrying" }, holder), "trying again");
});

Deno.test("standing() of one whose shares are locked is not ready, seen from wherever", () => {
  assert.equal(seen({ link: "up", locked: true }, status("this tab")), "locked");
  assert.equal(seen({ link: "none", links: [bob], locked: true }), "locked");
  assert.equal(seen({ link: "none", connected: false, locked: true }), "away");
  assert.equal(seen({ link: "retrying", locked: true }, status("this tab")), "trying again");
});

Deno.test("linked() believes presence, and events where there is none", () => {
  const told = page(links);
  assert.equal(linked(told, alice, bob), true);
  assert.equal(linked(here, alice, bob), null);
  const some = { ...told, peers: new Map([...peers, [alice, status("Alice", { links: [carol] })]]) };
  assert.equal(linked(some, alice, bob), false);
});
