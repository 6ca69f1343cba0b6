import assert from "node:assert/strict";
import { type Presence, Presences } from "../../../src/cluster/rollback/presence.ts";

const now = 1_767_225_600_000;
const said = (boot: number, generation: number, time = now): Presence => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, boot);
  const [key, rosterHash] = [new Uint8Array(32), new Uint8Array(32)];
  return {
    peer: "bob",
    boot: bytes,
    life: 0,
    store: 1,
    generation,
    key,
    time,
    rosterVersion: 1,
    rosterHash,
    links: [],
    locked: false,
  };
};

Deno.test("Presences keeps a few boots of a peer, however many it names", () => {
  for (const take of ["takeHello", "takeAnswer", "takeGossip"] as const) {
    const presences = new Presences();
    for (let boot = 0; boot < 10_000; boot++) {
      assert.equal(presences[take](said(boot, 1, now + boot), now), true);
    }
    assert.ok(presences.boots("bob") <= 9, take);
  }
});

Deno.test("Presences.takeHello() takes no hello twice, and none of a boot that is over, whatever time they bear", () => {
  const presences = new Presences();
  assert.equal(presences.takeHello(said(1, 5, now)), true);
  assert.equal(presences.takeHello(said(1, 5, now)), false, "twice");
  assert.equal(presences.takeHello(said(1, 4, now + 1_000)), false, "an earlier one");
  assert.equal(presences.takeHello(said(1, 6, now - 8 * 3_600_000)), true, "its clock was put right");
  assert.equal(presences.takeHello(said(2, 1, now - 9 * 3_600_000)), true, "it has started again");
  assert.equal(presences.takeHello(said(1, 7, now + 10_000)), false, "that boot is over");
});

Deno.test("Presences.takeGossip() puts no old boot in the place of the latest, and goes on with it when its clock leaps", () => {
  const presences = new Presences();
  assert.equal(presences.takeGossip(said(1, 1, now - 500_000), now), false, "of another time");
  assert.equal(presences.takeGossip(said(2, 1, now), now), true);
  assert.equal(presences.takeGossip(said(1, 9, now - 60_000), now), false, "earlier than what is known");
  assert.equal(presences.takeGossip(said(2, 2, now + 8 * 3_600_000), now), true);
  assert.equal(presences.takeGossip(said(2, 3, now), now), true);
  assert.equal(presences.takeGossip(said(2, 3, now), now), false);
});

Deno.test("Presences.takeAnswer() sets right what others have passed on", () => {
  const presences = new Presences();
  assert.equal(presences.takeAnswer(said(2, 1)), true);
  assert.equal(
    presences.takeGossip(said(1, 9, now + 1_000), now),
    true,
    "a boot that this node has not heard of",
  );
  assert.equal(presences.takeAnswer(said(2, 2)), true);
  assert.equal(presences.get("bob")?.boot.toHex(), said(2, 0).boot.toHex());
  assert.equal(presences.takeGossip(said(1, 10, now + 2_000), now), false);
});
