/**
 * Seeded bugs in what a page says: of locks, accusations, and who did not answer.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });

export const screenMutants: readonly Mutant[] = [
  {
    name: "screen: any peer's lock is taken for this tab's",
    patches: [
      patch("web/holder/holding.ts", " && event.peer === node.self) change({ locked", ") change({ locked"),
    ],
    caughtBy: { file: "tests/web/holder_lock_test.ts", test: "shows the lock of its own tab" },
  },
  {
    name: "screen: a locked holder is shown as ready",
    patches: [patch("web/presence.ts", 'status?.locked ? "locked" : "ready"', '"ready" as Standing')],
    caughtBy: { file: "tests/web/presence_test.ts", test: "whose shares are locked" },
  },
  {
    name: "screen: a locked holder counts as ready",
    patches: [
      patch("src/cluster/party.ts", "!lacking.has(peer) && !locked(peer) &&", "!lacking.has(peer) &&"),
    ],
    caughtBy: { file: "tests/negative/lock_test.ts", test: "is seen by the others" },
  },
];
