import assert from "node:assert/strict";
import type { Began, Failure, Scheme } from "../../../src/events.ts";
import type { FailureCode } from "../../../src/failure.ts";
import { outgoing, readEvent } from "../../../src/cluster/events/event_schema.ts";

/** As another peer would tell it, in JSON. */
function told(code: FailureCode, scheme: Scheme | null, stated?: object): string {
  const failure: Omit<Failure, "checkableBy"> = {
    ...{ type: "failed", peer: "bob", boot: "00".repeat(8), seq: 1, at: 1, id: "7a".repeat(16) },
    ...{ initiator: "alice", attempt: "ab".repeat(32), session: "cd".repeat(32), kind: "sign" },
    ...{ wallet: "treasury", scheme, code, remedy: "exclude", key: "safe", phase: "exchanging" },
    ...{ round: "finish", culprits: ["carol"], missing: [], claims: [] },
  };
  return JSON.stringify({ ...failure, ...stated });
}

Deno.test("readEvent() drops a failure that says that nobody else can check what anyone can", () => {
  const stated = { checkableBy: "recipient" };
  assert.equal(readEvent(told("invalid-signature-share", "ed25519", stated)), null);
  assert.equal(readEvent(told("invalid-signature-share", null, stated)), null);
  for (const code of ["equivocation", "malformed-message", "invalid-commitment"] as const) {
    for (const scheme of ["ed25519", "ecdsa", null] as const) {
      assert.equal(readEvent(told(code, scheme, stated)), null, `${code} ${scheme}`);
      assert.ok(readEvent(told(code, scheme)), `${code} ${scheme}`);
    }
  }
  assert.equal(readEvent(told("invalid-signature-share", "ecdsa", { checkableBy: "anyone" })), null);
  const event = readEvent(told("invalid-signature-share", "ecdsa", stated));
  assert.ok(event?.type === "failed" && event.checkableBy === "recipient");
});

Deno.test("readEvent() drops a failure that names items that no batch has, or that nobody may tell", () => {
  const culprits = ["bob"];
  const share = (scheme: "ed25519" | "ecdsa" | null, stated: object) =>
    readEvent(told("invalid-signature-share", scheme, { culprits, ...stated }));
  assert.ok(share("ed25519", { items: 5, spoilt: [0, 4] }));
  assert.ok(share("ecdsa", { items: 5 }));
  for (const spoilt of [[5], [256], [1, 1], [2, 0], []]) {
    assert.equal(share("ed25519", { items: 5, spoilt }), null, String(spoilt));
  }
  assert.equal(share("ed25519", { spoilt: [0] }), null, "of no batch");
  assert.equal(share("ed25519", { items: 5, spoilt: [0], culprits: [] }), null);
  assert.equal(share("ecdsa", { items: 5, spoilt: [0] }), null);
  assert.equal(share(null, { items: 5, spoilt: [0] }), null);
  assert.equal(readEvent(told("invalid-commitment", "ed25519", { culprits, items: 5, spoilt: [0] })), null);
  for (const items of [0, 1, 257]) assert.equal(share("ed25519", { items }), null, String(items));
});

Deno.test("readEvent() takes no note and no reference from another peer, and outgoing() gives none away", () => {
  const began: Began = {
    ...{ type: "began", peer: "bob", boot: "00".repeat(8), seq: 1, at: 1, id: "7a".repeat(16) },
    ...{ initiator: "alice", attempt: null, session: null, kind: "sign", wallet: "treasury" },
    ...{ scheme: "ed25519", deadline: 1 },
  };
  const told = { ...began, note: "Payroll", reference: "7" };
  assert.deepEqual(readEvent(JSON.stringify(began)), began);
  assert.equal(readEvent(JSON.stringify({ ...began, note: "Payroll" })), null);
  assert.equal(readEvent(JSON.stringify({ ...began, reference: "7" })), null);
  assert.deepEqual(outgoing(told), began);
  assert.equal(told.note, "Payroll", "the event itself stays as it is");
});
