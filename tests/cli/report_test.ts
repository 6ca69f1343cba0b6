import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import type { Began, NodeEvent } from "../../src/events.ts";
import { report } from "../../src/cli/report.ts";
import type { QuorateNode } from "../../src/node/api.ts";

const began: Began = {
  ...{ type: "began", peer: "alice", boot: "00".repeat(8), seq: 1, at: 1, id: "7a".repeat(16) },
  ...{ initiator: "eve", attempt: null, session: null, kind: "sign", wallet: "treasury" },
  ...{ scheme: "ed25519", deadline: 1 },
};

/** The log of a node with these events. */
async function logOf(node: object, events: NodeEvent[]): Promise<LogRecord[]> {
  const logged: LogRecord[] = [];
  await configure({
    sinks: { kept: (record) => void logged.push(record) },
    loggers: [
      { category: "quorate", lowestLevel: "info", sinks: ["kept"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
  });
  const self = { self: "alice", peers: new Map(), events: () => ReadableStream.from(events), ...node };
  try {
    await report(self as unknown as QuorateNode, { removed() {}, showsWords: false });
  } finally {
    await reset();
  }
  return logged;
}

Deno.test("report() logs a session of this node as it begins, with its note and reference, and none of another node", async () => {
  const events: NodeEvent[] = [
    { ...began, note: "Payroll of November", reference: "7" },
    { ...began, kind: "generate" },
    { ...began, kind: "ecdh" },
    { ...began, peer: "bob" },
  ];
  const logged = await logOf({}, events);
  const about = { wallet: "treasury", id: began.id, initiator: "eve" };
  assert.deepEqual(logged.map(({ rawMessage, properties }) => [rawMessage, properties]), [
    ["session began", { kind: "sign", ...about, note: "Payroll of November", reference: "7" }],
    ["session began", { kind: "generate", ...about }],
  ]);
});

Deno.test("report() logs the keys of which a peer that has left the roster is a member, and the command that deals each anew", async () => {
  const key = { wallet: "treasury", scheme: "ed25519", epoch: 1, session: "5e".repeat(32), threshold: 2 };
  const keys = [{ ...key, members: ["alice", "bob", "carol"] }, {
    ...key,
    wallet: "savings",
    members: ["alice", "bob"],
  }];
  const event: NodeEvent = { type: "roster", peer: "alice", boot: "00".repeat(8), seq: 1, at: 1, version: 2 };
  const holders = ["alice", "bob"].map((peer) => ({ peer, name: peer, addresses: [], rights: ["holder"] }));
  const logged = await logOf({ roster: { peers: holders }, keys: () => Promise.resolve(keys) }, [event]);
  const [, { rawMessage, level, properties }, ...more] = logged as [LogRecord, LogRecord, ...LogRecord[]];
  assert.deepEqual([rawMessage, level, more], ["member removed", "warning", []], "once, of the first key");
  assert.equal(properties.member, "carol");
  assert.match(
    String(properties.reshare),
    /keys reshare treasury --scheme ed25519 --members alice,bob --threshold 2 /,
  );
  assert.match(String(properties.what), /^Nodes with the new roster take part in nothing with carol; /);
});
