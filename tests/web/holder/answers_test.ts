import assert from "node:assert/strict";
import type { ApprovalRequest } from "../../../mod.ts";
import { answerTo } from "../../../web/holder/answers.ts";
import { bytes, requestFor, reshareRequest } from "./requests.ts";

const item = (message: string | null) => ({
  message: message === null ? null : bytes(message),
  digest: new Uint8Array(32).fill(7),
  hash: "sha256" as const,
});
const request = (...messages: (string | null)[]) =>
  requestFor(messages.map(item), { scheme: "ecdsa", note: "Payroll" });

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
  const { items: _, ...rest } = request(null);
  const made = { ...rest, kind: "generate", threshold: 2 } as ApprovalRequest;
  assert.deepEqual(answerTo({ request: made, how: "accept" }), {
    about: null,
    sentence: "You approved: holding a share of “treasury”.",
    remarks: { note: "Payroll", reference: "" },
  });
  assert.equal(answerTo({ request: request("pay 5"), how: "accept" }).about, "“pay 5”");
  const reshared = answerTo({ request: reshareRequest(), how: "decline" });
  assert.deepEqual([reshared.about, reshared.sentence], [null, "You declined: the resharing of “treasury”."]);
});

Deno.test("answerTo() says of a batch how many were asked, and the first of them", () => {
  const said = (...messages: (string | null)[]) =>
    answerTo({ request: request(...messages), how: "accept" }).sentence;
  assert.equal(said("pay 5", "pay 6"), "You approved: 2 messages, the first “pay 5”.");
  assert.match(said(null, null, null), /^You approved: 3 digests, the first Digest \(SHA-256/);
  assert.equal(said("pay 5", null), "You approved: 2 items, the first “pay 5”.");
});
