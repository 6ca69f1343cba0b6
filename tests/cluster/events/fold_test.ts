import assert from "node:assert/strict";
import type { Common, NodeEvent } from "../../../src/events.ts";
import { fold } from "../../../src/cluster/links/gossip.ts";

const common: Common = {
  ...{ peer: "bob", boot: "00".repeat(8), seq: 1, at: 1, id: "7a".repeat(16), initiator: "alice" },
  ...{ attempt: null, session: null, kind: "sign", wallet: "treasury", curve: "ed25519" },
};
const heard: NodeEvent = { ...common, type: "heard", round: "share", from: "carol" };
const done: NodeEvent = { ...common, type: "round", round: "share", state: "done", deadline: 9 };

Deno.test("fold() leaves out what a finished round says, and nothing of another initiator's command of the same id", () => {
  const theirs: NodeEvent = { ...heard, initiator: "mallory" };
  const later: NodeEvent = { ...heard, round: "confirm" };
  assert.deepEqual(fold([heard, theirs, later, done]), [theirs, later, done]);
});
