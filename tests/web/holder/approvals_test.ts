import assert from "node:assert/strict";
import type { SigningRequest } from "../../../mod.ts";
import { approvals, deadMs } from "../../../web/holder/approvals.ts";
import { alice, bob } from "../events.ts";
import { bytes, requestFor, reshareRequest } from "./requests.ts";

const request = (part: Partial<SigningRequest> = {}): SigningRequest =>
  requestFor([{ message: bytes("pay 5 to Carol") }], part);
/** Approvals by a clock that a test moves. */
function timed() {
  let at = 0;
  return { asks: approvals({ now: () => at }), pass: (ms: number) => void (at += ms) };
}
const open = () => ({ signal: new AbortController().signal });

Deno.test("approvals() ask one after the other, and each answer is its own asker's", async () => {
  const { asks, pass } = timed();
  let told = 0;
  asks.watch(() => told++);
  const first = asks.approve(request(), open());
  const second = asks.approve(request({ initiator: bob }), open());
  assert.deepEqual(asks.waiting.map(({ request }) => request.initiator), [alice, bob]);
  pass(deadMs);
  asks.answer(asks.waiting[1]!.id, "accept");
  assert.equal(asks.waiting.length, 2, "what is not on show is not approved");
  asks.answer(asks.waiting[0]!.id, "decline");
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "accept");
  assert.deepEqual([await first, await second], ["decline", "accept"]);
  assert.equal(asks.waiting.length, 0);
  assert.equal(told, 4);
});

Deno.test("approvals() forget who no longer asks, and an answer to it changes nothing", async () => {
  const asks = approvals();
  const lapsing = new AbortController();
  const first = asks.approve(request(), { signal: lapsing.signal });
  const { id } = asks.waiting[0]!;
  lapsing.abort();
  assert.equal(asks.waiting.length, 0);
  asks.answer(id, "always");
  assert.equal(await first, "decline");
  assert.deepEqual(asks.rules, []);
  assert.equal(await asks.approve(request(), { signal: AbortSignal.abort() }), "decline");
});

Deno.test("approvals() “always” is for one peer and one key, and can be taken back", async () => {
  const { asks, pass } = timed();
  const waiting = [asks.approve(request(), open()), asks.approve(request(), open())];
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "always");
  assert.deepEqual(await Promise.all(waiting), ["accept", "accept"]);
  assert.equal(await asks.approve(request(), open()), "accept");
  for (const part of [{ initiator: bob }, { wallet: "other" }, { scheme: "ecdsa" as const }]) {
    void asks.approve(request(part), open());
  }
  assert.equal(asks.waiting.length, 3);
  const [rule] = asks.rules;
  assert.deepEqual([rule?.about.initiator, rule?.readable, rule?.used], [alice, true, 1]);
  asks.forget(rule!.id);
  assert.deepEqual(asks.rules, []);
  void asks.approve(request(), open());
  assert.equal(asks.waiting.length, 4);
});

Deno.test("approvals() keep what became of each request: answered, allowed by a rule, or lapsed", async () => {
  const { asks, pass } = timed();
  const lapsing = new AbortController();
  const made = [
    asks.approve(request({ id: "01" }), open()),
    asks.approve(request({ id: "02" }), open()),
    asks.approve(request({ id: "03" }), { signal: lapsing.signal }),
  ];
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "accept");
  asks.answer(asks.waiting[0]!.id, "decline");
  lapsing.abort();
  void asks.approve(request({ id: "04" }), open());
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "always");
  await Promise.all([...made, asks.approve(request({ id: "05" }), open())]);
  assert.deepEqual(asks.answers.map(({ request, how }) => `${request.id} ${how}`), [
    "01 accept",
    "02 decline",
    "03 lapsed",
    "04 accept",
    "05 rule",
  ]);
});

Deno.test("approvals() take no yes in the first second that a request is on show, and a no at once", async () => {
  const { asks, pass } = timed();
  const [first, second, third] = [1, 2, 3].map(() => asks.approve(request(), open()));
  pass(deadMs - 1);
  asks.answer(asks.waiting[0]!.id, "accept");
  asks.answer(asks.waiting[0]!.id, "always");
  assert.equal(asks.waiting.length, 3);
  pass(1);
  asks.answer(asks.waiting[0]!.id, "accept");
  asks.answer(asks.waiting[0]!.id, "accept"); // a double click is no answer to the next
  assert.equal(asks.waiting.length, 2);
  asks.answer(asks.waiting[0]!.id, "decline");
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "accept");
  assert.deepEqual(await Promise.all([first, second, third]), ["accept", "decline", "accept"]);
});

Deno.test("approvals() take no yes to what cannot be read unless its person has checked it, nor by a rule for what can", async () => {
  const { asks, pass } = timed();
  const unread = requestFor([{ message: new Uint8Array(4_000) }]);
  void asks.approve(request(), open());
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "always");
  const first = asks.approve(unread, open());
  assert.equal(asks.waiting.length, 1, "the rule was given for what can be read");
  pass(deadMs);
  for (const answer of ["accept", "always"] as const) {
    asks.answer(asks.waiting[0]!.id, answer);
    assert.equal(asks.waiting.length, 1, answer);
  }
  asks.answer(asks.waiting[0]!.id, "always", { checked: true });
  assert.deepEqual([await first, await asks.approve(unread, open())], ["accept", "accept"]);
});

Deno.test("approvals() make no rule for a resharing: each is asked about", async () => {
  const { asks, pass } = timed();
  const first = asks.approve(reshareRequest(), open());
  pass(deadMs);
  asks.answer(asks.waiting[0]!.id, "always");
  assert.equal(await first, "accept");
  assert.deepEqual(asks.rules, []);
  void asks.approve(reshareRequest(), open());
  assert.equal(asks.waiting.length, 1);
});
