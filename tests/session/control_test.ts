import assert from "node:assert/strict";
import { maxFrame, maxSessionParty } from "../../src/limits.ts";
import { abortRecord, encodeAbort } from "../../src/session/control.ts";

const peersOf = (count: number) => Array.from({ length: count }, (_, i) => `${i}`.padStart(52, "p"));
const abort = { code: "round-timeout" as const, round: "deal", evidence: [] };

Deno.test("encodeAbort() has room for 31 missing peers: all others of the largest session", () => {
  const peers = peersOf(maxSessionParty - 1);
  assert.equal(peers.length, 31);
  const encoded = encodeAbort({ ...abort, peers });
  assert.doesNotThrow(() => abortRecord.decode(encoded));
  assert.deepEqual(abortRecord.decode(encoded), { ...abort, peers });
  assert.ok(encoded.length < maxFrame / 2, "its evidence has the other half of a frame");
});

Deno.test("encodeAbort() leaves out what does not fit: what it writes decodes", () => {
  const evidence = Array.from({ length: maxSessionParty + 9 }, (_, i) => Uint8Array.of(i));
  const encoded = encodeAbort({ ...abort, peers: peersOf(maxSessionParty + 1), evidence });
  assert.doesNotThrow(() => abortRecord.decode(encoded));
  const decoded = abortRecord.decode(encoded);
  assert.deepEqual(decoded.peers, peersOf(maxSessionParty));
  assert.deepEqual(decoded.evidence, evidence.slice(0, maxSessionParty));
});
