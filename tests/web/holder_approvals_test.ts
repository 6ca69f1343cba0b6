import assert from "node:assert/strict";
import type { SigningRequest } from "../../mod.ts";
import { approvals } from "../../web/holder/approvals.ts";
import { alice, bob } from "./events.ts";

const request = (part: Partial<SigningRequest> = {}): SigningRequest => ({
  kind: "sign",
  id: "00",
  messageHash: null,
  wallet: "treasury",
  curve: "ed25519",
  initiator: alice,
  message: Uint8Array.of(1),
  digest: null,
  hash: null,
  path: [],
  party: [alice, bob],
  expires: 0,
  ...part,
});
const open = () => ({ signal: new AbortController().signal });

Deno.test("approvals() ask one after the other, and each answer is its own asker's", async () => {
  const asks = approvals();
  let told = 0;
  asks.watch(() => told++);
  const first = asks.approve(request(), open());
  const second = asks.approve(request({ initiator: bob }), open());
  assert.deepEqual(asks.waiting.map(({ request }) => request.initiator), [alice, bob]);
  asks.answer(asks.waiting[1]!.id, "accept");
  asks.answer(asks.waiting[0]!.id, "decline");
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
  assert.equal(asks.standing, 0);
  assert.equal(await asks.approve(request(), { signal: AbortSignal.abort() }), "decline");
});

Deno.test("approvals() “always” is for one peer and one key, and can be taken back", async () => {
  const asks = approvals();
  const waiting = [asks.approve(request(), open()), asks.approve(request(), open())];
  asks.answer(asks.waiting[0]!.id, "always");
  assert.deepEqual(await Promise.all(waiting), ["accept", "accept"]);
  assert.equal(await asks.approve(request(), open()), "accept");
  for (const part of [{ initiator: bob }, { wallet: "other" }, { curve: "secp256k1" as const }]) {
    void asks.approve(request(part), open());
  }
  assert.equal(asks.waiting.length, 3);
  asks.forget();
  void asks.approve(request(), open());
  assert.equal(asks.waiting.length, 4);
});
