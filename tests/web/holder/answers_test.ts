import assert from "node:assert/strict";
import type { ApprovalRequest } from "../../../mod.ts";
import { answerTo } from "../../../web/holder/answers.ts";
import { alice, bob } from "../events.ts";

const request = (message: string | null): ApprovalRequest => ({
  kind: "sign",
  keyId: "0badc0de".repeat(8),
  id: "00",
  messageHash: null,
  wallet: "treasury",
  scheme: "ecdsa",
  initiator: alice,
  note: "Payroll",
  reference: "",
  message: message === null ? null : new TextEncoder().encode(message),
  digest: new Uint8Array(32).fill(7),
  hash: "sha256",
  path: [],
  options: {},
  publicKey: new Uint8Array(33),
  party: [alice, bob],
  expires: 0,
});

Deno.test("answerTo() says what was asked and what this tab's person, or its rule, said", () => {
  const said = (message: string | null, how: Parameters<typeof answerTo>[0]["how"]) =>
    answerTo({ request: request(message), how }).sentence;
  assert.equal(said("pay 5\nto Carol", "accept"), "You approved: “pay 5 ↵ to Carol”.");
  assert.equal(said("pay 5", "decline"), "You declined: “pay 5”.");
  assert.equal(said("pay 5", "rule"), "Your rule approved: “pay 5”.");
  assert.equal(said("pay 5", "lapsed"), "You did not answer: “pay 5”.");
  assert.match(
    said(null, "accept"),
    /^You approved: Digest \(SHA-256, by the word of whoever asks.*\): 07070707/,
  );
  assert.match(said("\u202e", "accept"), /^You approved: Message in hex: e280ae\.$/);
  const { message: _, ...rest } = request(null) as ApprovalRequest & { kind: "sign" };
  const made = { ...rest, kind: "generate", threshold: 2 } as ApprovalRequest;
  assert.deepEqual(answerTo({ request: made, how: "accept" }), {
    about: null,
    sentence: "You approved: holding a share of “treasury”.",
    remarks: { note: "Payroll", reference: "" },
  });
  assert.equal(answerTo({ request: request("pay 5"), how: "accept" }).about, "“pay 5”");
});
