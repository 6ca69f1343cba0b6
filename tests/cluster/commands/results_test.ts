import assert from "node:assert/strict";
import { encodeOutcome, resultFor } from "../../../src/cluster/commands/results.ts";
import type { Command } from "../../../src/cluster/records/command.ts";

const peer = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
const command: Command = {
  cluster: peer,
  id: new Uint8Array(16),
  kind: "generate",
  wallet: "treasury",
  scheme: "ed25519",
  keyId: new Uint8Array(),
  epoch: 0,
  threshold: 2,
  members: [peer],
  dealers: [],
  gone: [],
  signers: [],
  itemCount: 0,
  itemsHash: new Uint8Array(),
  note: "",
  reference: "",
  coordinators: [peer],
  created: 1,
  expires: 2,
};

Deno.test("resultFor() gives what is kept for the same command, whenever it was asked, and nothing for another", () => {
  const order = { command: { by: peer, value: command, encoded: new Uint8Array(3) }, items: [] };
  const result = new Uint8Array([7]);
  const kept = encodeOutcome(order, peer, result);
  assert.deepEqual(resultFor({ ...command, created: 5, expires: 6 }, kept), result);
  assert.equal(resultFor({ ...command, wallet: "savings" }, kept), null);
  assert.equal(resultFor({ ...command, note: "rent" }, kept), null);
});
