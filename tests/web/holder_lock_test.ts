import assert from "node:assert/strict";
import type { NodeEvent } from "../../mod.ts";
import { approvals } from "../../web/holder/approvals.ts";
import { holding, type HoldingNode } from "../../web/holder/holding.ts";
import { alice, bob } from "./events.ts";

/** Alice's tab, which hears what it is told. */
function tab(locked: boolean) {
  let events!: ReadableStreamDefaultController<NodeEvent>;
  const stream = new ReadableStream<NodeEvent>({ start: (controller) => void (events = controller) });
  const node = {
    self: alice,
    locked,
    rolledBack: null,
    events: () => stream,
    backupState: () => Promise.resolve({ at: 1, covered: [], uncovered: [] }),
  } as unknown as HoldingNode;
  const kept = { peer: alice, name: "Alice", lock: "passphrase" } as const;
  const storage = () => Promise.resolve({ persisted: true, usage: null, quota: null });
  const mine = holding(
    { node, kept, joined: false, restored: null } as unknown as Parameters<typeof holding>[0],
    {
      approvals: approvals(),
      persist: storage,
      storage,
      lockAfter: () => ({ [Symbol.dispose]() {} }),
      lockMinutes: { get: () => 5, set() {} },
    },
  );
  async function tell(peer: string, locked: boolean): Promise<void> {
    events.enqueue({ peer, boot: "b".repeat(16), seq: 1, at: 0, type: "locked", locked });
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { mine, tell, end: () => events.close() };
}

Deno.test("holding() shows the lock of its own tab, and no other peer's", async () => {
  const { mine, tell, end } = tab(false);
  await tell(bob, true);
  assert.equal(mine.state.locked, false, "Bob's is locked, not this one");
  await tell(alice, true);
  assert.equal(mine.state.locked, true);
  await tell(bob, false);
  assert.equal(mine.state.locked, true, "Bob's is open, not this one");
  await tell(alice, false);
  assert.equal(mine.state.locked, false);
  end();
});
