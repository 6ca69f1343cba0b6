import assert from "node:assert/strict";
import { InputError } from "../../src/errors.ts";
import type { GroupKey } from "../../src/cluster/keys/group_key.ts";
import type { ReshareRequest } from "../../src/cluster/records/key_name.ts";
import type { Roster } from "../../src/cluster/roster/roster.ts";
import { type ReadyToDeal, resharePeers } from "../../src/node/reshare_peers.ts";

/** Five holders and an observer; zoe is in no roster. */
const holders = ["alice", "bob", "carol", "dave", "erin"];
const roster = {
  peers: [...holders, "olga"].map((peer) => ({ peer, rights: peer === "olga" ? ["observer"] : ["holder"] })),
} as unknown as Roster;
const key = { threshold: 2, members: ["alice", "bob", "carol"] } as unknown as GroupKey;
const ready: ReadyToDeal = { roster, order: () => 0, holds: () => true };
const wanted: ReshareRequest = {
  wallet: "treasury",
  scheme: "ed25519",
  threshold: 2,
  members: ["dave", "bob"],
};
const peers = (request: Partial<ReshareRequest> = {}, changes: Partial<ReadyToDeal> = {}, of = key) =>
  resharePeers({ ...wanted, ...request }, of, { ...ready, ...changes });

Deno.test("resharePeers() sorts members, and takes with them everyone of the key who is not gone", () => {
  assert.deepEqual(peers(), {
    members: ["bob", "dave"],
    dealers: ["alice", "bob"],
    gone: [],
    party: ["alice", "bob", "carol", "dave"],
  });
  assert.deepEqual(peers({ gone: ["carol", "carol"] }), {
    members: ["bob", "dave"],
    dealers: ["alice", "bob"],
    gone: ["carol"],
    party: ["alice", "bob", "dave"],
  });
});

Deno.test("resharePeers() counts as gone, unless it is said, who is no holder of the roster any more", () => {
  const former = { ...key, members: ["alice", "bob", "olga", "zoe"] } as GroupKey;
  assert.deepEqual(peers({}, {}, former).gone, ["olga", "zoe"]);
  assert.deepEqual(peers({ gone: ["zoe", "olga"] }, {}, former).gone, ["olga", "zoe"]);
});

Deno.test("resharePeers() lets deal those who hold a share, the first ones first", () => {
  assert.deepEqual(peers({}, { holds: (peer) => peer !== "alice" }).dealers, ["bob", "carol"]);
  const last = (one: string, other: string) => one < other ? 1 : -1;
  assert.deepEqual(peers({}, { order: last }).dealers, ["bob", "carol"]);
  assert.deepEqual(peers({ gone: ["carol"] }, { order: last }).dealers, ["alice", "bob"]);
  assert.deepEqual(peers({ dealers: ["carol", "alice"] }).dealers, ["alice", "carol"]);
  assert.deepEqual(peers({ dealers: ["carol", "alice"] }, { holds: () => false }).dealers, [
    "alice",
    "carol",
  ]);
});

Deno.test("resharePeers() names the field of what cannot be", () => {
  const former = { ...key, members: ["alice", "bob", "zoe"] } as GroupKey;
  const refused: [string, () => unknown][] = [
    ["members", () => peers({ members: ["dave"] })],
    ["members", () => peers({ members: ["dave", "dave"] })],
    ["members", () => peers({ members: ["dave", "olga"] })],
    ["members", () => peers({ members: ["dave", "zoe"] })],
    ["threshold", () => peers({ threshold: 1 })],
    ["threshold", () => peers({ threshold: 3 })],
    ["threshold", () => peers({ threshold: 1.5 })],
    ["gone", () => peers({ gone: ["erin"] })],
    ["gone", () => peers({ gone: ["bob"] })],
    ["gone", () => peers({ gone: [] }, {}, former)],
    ["dealers", () => peers({ dealers: ["alice"] })],
    ["dealers", () => peers({ dealers: ["alice", "alice"] })],
    ["dealers", () => peers({ dealers: ["alice", "bob", "carol"] })],
    ["dealers", () => peers({ dealers: ["alice", "dave"] })],
    ["dealers", () => peers({ dealers: ["alice", "carol"], gone: ["carol"] })],
    ["dealers", () => peers({}, { holds: (peer) => peer === "bob" })],
    ["dealers", () => peers({ gone: ["alice", "carol"] })],
  ];
  for (const [i, [field, act]] of refused.entries()) {
    assert.throws(act, (error) => error instanceof InputError && error.field === field, `${i}: ${field}`);
  }
});
