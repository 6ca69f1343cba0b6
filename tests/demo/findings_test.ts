import assert from "node:assert/strict";
import { relays } from "../../src/demo/scenes/findings.ts";
import type { Failure } from "../../src/events.ts";
import type { FailureCode } from "../../src/failure.ts";

const [alice, bob, carol] = ["alice", "bob", "carol"] as never[];

/** Alice's failure: she only heard of what `by` has found. */
const heard = (code: FailureCode, by: never): Failure =>
  ({ code: "aborted-by-peer", claims: [{ by, code, peers: [bob] }] }) as unknown as Failure;

Deno.test("relays() takes a failure for an echo where only one honest peer could have found it", () => {
  const twoStories = { code: "equivocation", fooled: "invalid-proof" } as const;
  const honest = [alice!, carol!];
  assert.equal(relays(heard("invalid-proof", carol!), twoStories, honest), true);
  assert.equal(
    relays(heard("invalid-multiplication", carol!), { code: "invalid-multiplication" }, honest),
    true,
  );
});

Deno.test("relays() wants each honest peer's own finding where everybody can check, and no cheater's word", () => {
  const honest = [alice!, carol!];
  assert.equal(relays(heard("invalid-proof", carol!), { code: "invalid-proof" }, honest), false);
  assert.equal(
    relays(heard("invalid-multiplication", bob!), { code: "invalid-multiplication" }, honest),
    false,
  );
});
