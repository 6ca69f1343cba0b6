import assert from "node:assert/strict";
import { UnopenedFailures } from "../../../src/cluster/commands/outcome/unopened_failures.ts";
import { maxOutcome, unopenedBytes, unopenedBytesPerInitiator } from "../../../src/limits.ts";

const content = "07".repeat(32);
const failure = (length: number) => ({ content, outcome: new Uint8Array(length) });

Deno.test("UnopenedFailures of one initiator push out its own oldest only, however many they are", () => {
  const failures = new UnopenedFailures();
  failures.keep("alice", "hers", failure(1_000));
  for (let i = 0; i < 2_000; i++) failures.keep("mallory", `${i}`, failure(maxOutcome));
  assert.ok(failures.of("alice", "hers"));
  assert.equal(failures.of("mallory", "0"), undefined);
  assert.ok(failures.of("mallory", "1999"), "the latest is known, also the largest that there is");
  assert.equal(failures.of("alice", "1999"), undefined, "another initiator's");
});

Deno.test("UnopenedFailures take no more bytes than they may in all, and whoever has most gives way", () => {
  const failures = new UnopenedFailures();
  failures.keep("alice", "hers", failure(1_000));
  const initiators = unopenedBytes / unopenedBytesPerInitiator + 20;
  const length = unopenedBytesPerInitiator / 8;
  for (let i = 0; i < initiators * 8; i++) failures.keep(`${i % initiators}`, `${i}`, failure(length));
  const kept = Array.from({ length: initiators * 8 }, (_, i) => failures.of(`${i % initiators}`, `${i}`));
  assert.equal(kept.filter(Boolean).length, Math.floor((unopenedBytes - 1_000) / length));
  assert.ok(failures.of("alice", "hers"));
});

Deno.test("UnopenedFailures count a command that fails again once", () => {
  const failures = new UnopenedFailures();
  failures.keep("alice", "first", failure(1_000));
  for (let i = 0; i < 2_000; i++) failures.keep("alice", "again", failure(1_000));
  assert.ok(failures.of("alice", "first"));
});
