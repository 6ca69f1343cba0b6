import assert from "node:assert/strict";
import { findParty, forbiddenPairIn, type Pair } from "../../../src/cluster/records/party_search.ts";

const [alice, bob, carol] = ["alice", "bob", "carol"];
const all = [alice, bob, carol];

Deno.test("findParty() finds a party if there is one, and else says so", () => {
  assert.deepEqual(findParty(all, 2, []), [alice, bob]);
  assert.deepEqual(findParty(all, 2, [[alice, bob], [alice, carol]]), [bob, carol]);
  assert.equal(findParty(all, 3, [[alice, carol]]), null);
});

Deno.test("findParty() keeps the chosen members, and leaves out whoever must not sign with them", () => {
  assert.deepEqual(findParty([bob, carol], 2, [[bob, alice]], [alice]), [alice, carol]);
  assert.equal(findParty([bob], 2, [[bob, alice]], [alice]), null);
  assert.deepEqual(findParty([bob], 1, [], [alice]), [alice]);
});

Deno.test("forbiddenPairIn() names the pair, in either order; a peer is never forbidden to itself", () => {
  const pair: Pair = [bob, alice];
  assert.equal(forbiddenPairIn([alice, carol, bob], [[alice, "dave"], pair]), pair);
  assert.equal(forbiddenPairIn([alice, carol], [pair, [alice, alice]]), null);
});
