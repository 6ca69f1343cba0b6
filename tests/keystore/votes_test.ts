import assert from "node:assert/strict";
import type { KeyRow, RowState } from "../../src/keystore/key_rows.ts";
import { afterVote } from "../../src/keystore/votes.ts";

const [none, signed] = [new Uint8Array(), new Uint8Array(64).fill(1)];

/** A row of a key of alice and bob. */
const rowOf = (state: RowState, share: Uint8Array, votes: readonly Uint8Array[] = []): KeyRow => ({
  state,
  session: new Uint8Array(32),
  key: {
    wallet: "treasury",
    scheme: "ed25519",
    epoch: 2,
    threshold: 2,
    members: ["alice", "bob"],
    publicKey: new Uint8Array(32),
    verifyingShares: [],
    chainCode: new Uint8Array(32),
  },
  transcript: new Uint8Array(32),
  share,
  opens: [],
  votes,
  nos: [],
  at: 0,
  preimage: none,
  parent: { session: new Uint8Array(32), vote: new Uint8Array(32) },
  releases: [],
});
const no = { by: "bob", vote: "no", signature: signed } as const;

Deno.test("afterVote(): a member's no frees the key of whoever waits for it, and of no member that has yet to vote", () => {
  assert.equal(afterVote(rowOf("pending", signed), "alice", no)!.state, "given-up");
  assert.equal(afterVote(rowOf("released", none), "carol", no)!.state, "given-up", "a witness");
  // A key that is given up counts as a yes, and alice has no share: she says her own no.
  const released = afterVote(rowOf("released", none), "alice", no)!;
  assert.equal(released.state, "released");
  assert.deepEqual(released.nos, [none, signed]);
});

Deno.test("afterVote(): a no after a yes frees nothing, and a vote changes nothing twice", () => {
  const row = rowOf("pending", signed, [none, signed]);
  assert.equal(afterVote(row, "alice", no)!.state, "pending");
  assert.equal(afterVote({ ...row, nos: [none, signed] }, "alice", no), null);
  assert.equal(afterVote(row, "alice", { ...no, vote: "yes" }), null);
  assert.equal(afterVote(row, "bob", no), null, "one's own");
});

Deno.test("afterVote(): the votes of all make a key active, if its share is here, whatever was said of it", () => {
  const yes = { ...no, vote: "yes" } as const;
  const votes = [signed, none];
  for (const state of ["pending", "given-up"] as const) {
    assert.equal(afterVote(rowOf(state, signed, votes), "alice", yes)!.state, "active", state);
  }
  for (const state of ["released", "given-up", "gone", "lost"] as const) {
    assert.equal(afterVote(rowOf(state, none, votes), "carol", yes)!.state, state, state);
  }
});
