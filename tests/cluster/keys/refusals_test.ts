import assert from "node:assert/strict";
import { refusalsOf, type RefusalSources } from "../../../src/cluster/keys/refusals.ts";
import type { Ban } from "../../../src/cluster/records/ban_record.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";

const [alice, bob, carol, mallory] = ["alice", "bob", "carol", "mallory"];
const session = new Uint8Array(32).fill(1);
const row = { session, key: { members: [alice, bob, carol] } } as unknown as KeyRow;
const ban = (by: string, other: string, keyId = session.toHex()): Ban => ({
  ...{ wallet: "treasury", scheme: "ecdsa", epoch: 1, at: 0 },
  ...{ keyId, by, other },
});

/** The records of Alice's node with these bans and quarantines. */
const sources = (bans: Ban[], quarantines: Ban[] = [], frozen = false): RefusalSources => ({
  bans: { all: () => bans },
  frozen: { has: (keyId) => frozen && keyId === session.toHex() },
  quarantines: () => quarantines,
});

Deno.test("refusalsOf() has the bans and quarantines of a key between its members, and its freeze", () => {
  const found = refusalsOf(row, sources([ban(alice!, bob!)], [ban(carol!, bob!)], true));
  assert.deepEqual(found, {
    refusals: [
      { kind: "ban", by: alice, other: bob },
      { kind: "quarantine", by: carol, other: bob },
    ],
    frozen: true,
  });
  assert.deepEqual(refusalsOf(undefined, sources([ban(alice!, bob!)])), { refusals: [], frozen: false });
});

Deno.test("refusalsOf() leaves out those of another key, and those that a stranger to the key reports or is in", () => {
  const other = "02".repeat(32);
  const none = [ban(alice!, bob!, other), ban(mallory!, bob!), ban(bob!, mallory!)];
  assert.deepEqual(refusalsOf(row, sources(none, none)).refusals, []);
});
