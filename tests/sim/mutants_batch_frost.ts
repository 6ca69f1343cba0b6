/**
 * Bugs in the rounds of FROST for several items, and in what is said of a batch that failed.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const frost = (test: string) => ({ file: "tests/protocol/sign_frost_batch_test.ts", test });
const cheating = (test: string) => ({
  file: "tests/negative/batch_test.ts",
  test: `sign() of a batch ${test}`,
});
const claims = (test: string) => ({ file: "tests/negative/batch_claims_test.ts", test });

export const batchFrostMutants: readonly Mutant[] = [
  {
    name: "batch: commitments are not held against their promise",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "promises.get(peer)!.promise,",
        "commitmentsPromise(suite, attempt, members.indexOf(peer) + 1, shown),",
      ),
    ],
    caughtBy: cheating("names who shows another commitment of item 0 than it has promised"),
  },
  {
    name: "batch: a promise of commitments is not bound to its attempt",
    patches: [
      patch("protocol/sign_frost_messages.ts", "attempt, identifier, encoded)", "identifier, encoded)"),
    ],
    caughtBy: cheating("names who brings the promise and the commitments of another attempt"),
  },
  {
    name: "batch: a promise of commitments is not bound to its author",
    patches: [patch("protocol/sign_frost_messages.ts", "attempt, identifier, encoded)", "attempt, encoded)")],
    caughtBy: cheating("names who brings the promise and the commitments of another attempt"),
  },
  {
    name: "batch: a promise covers the first commitments alone",
    patches: [
      patch(
        "protocol/sign_frost_messages.ts",
        "attempt, identifier, encoded)",
        "attempt, identifier, suite.nonceCommitment.encode(commitments[0]!))",
      ),
    ],
    caughtBy: cheating("names who shows another commitment of item 4 than it has promised"),
  },
  {
    name: "batch: items share their nonces",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "for (const { share } of items) nonces.add(commit(suite, { identifier, share }, random));",
        "const [one, two] = [random(32), random(32)];\n    for (const { share } of items) {\n      let drawn = 0;\n      nonces.add(commit(suite, { identifier, share }, () => (drawn++ % 2 ? two : one).slice()));\n    }",
      ),
    ],
    caughtBy: cheating("draws nonces of its own for each item, each time"),
  },
  {
    name: "batch: the own shares of all items but the first leave unchecked",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "if (!verifySignatureShare(suite, signing, identifierOf(self), share))",
        "if (item === 0 && !verifySignatureShare(suite, signing, identifierOf(self), share))",
      ),
    ],
    caughtBy: frost("a batch does not let a rotten share out, in whichever item"),
  },
  {
    name: "batch: who spoils another item than the first is not found",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "else failed.set(item, aggregated.cheaters);",
        "else if (item === 0) failed.set(item, aggregated.cheaters);",
      ),
    ],
    caughtBy: frost("a batch names who spoils an item, and the item"),
  },
  {
    name: "batch: the first spoilt item hides the others",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "else failed.set(item, aggregated.cheaters);",
        "else if (failed.size === 0) failed.set(item, aggregated.cheaters);",
      ),
    ],
    caughtBy: cheating("names two who spoil different items"),
  },
  {
    name: "batch: the signatures beside a spoilt item are given",
    patches: [
      patch(
        "protocol/sign_frost.ts",
        "if (failed.size === 0) return signatures;",
        "if (signatures.length > 0) return signatures;",
      ),
    ],
    caughtBy: frost("a batch of which one item is spoilt returns no signature of the others"),
  },
  {
    name: "batch: spoilt items are counted from 1",
    patches: [patch("protocol/sign_frost.ts", ".map(([item]) => item);", ".map(([item]) => item + 1);")],
    caughtBy: cheating("names who spoils one item, and the item"),
  },
  {
    name: "batch: a single signature names its item",
    patches: [
      patch("protocol/sign_frost.ts", "...(items.length > 1 && { items: spoilt }),", "items: spoilt,"),
    ],
    caughtBy: claims("sign() of one item speaks of no items"),
  },
  {
    name: "batch: spoilt items are not told",
    patches: [patch("session/session.ts", "{ spoilt: error.items }", "{}")],
    caughtBy: { cells: ["bad-share @ sign share"] },
  },
  {
    name: "batch: who asked is not told which items were spoilt",
    patches: [
      patch(
        "cluster/commands/initiator/member_results.ts",
        "toldBy(by, told, spoiltIn(value, command))",
        "toldBy(by, told)",
      ),
    ],
    caughtBy: claims("sign() of a batch tells whoever asked elsewhere which items were spoilt"),
  },
  {
    name: "batch: a worker keeps the spoilt items to itself",
    patches: [patch("worker/messages.ts", "checkableBy, items };", "checkableBy, items: [] };")],
    caughtBy: claims("flatten() and restore() keep which items were spoilt"),
  },
  {
    name: "batch: a single signature is told as one of one items",
    patches: [patch("cluster/events/session_facts.ts", "itemCount > 1 &&", "itemCount > 0 &&")],
    caughtBy: { cells: ["bad-share @ sign share"] },
  },
  {
    name: "batch: evidence of shares is looked at in the first item alone",
    patches: [
      patch("schemes/frost_share.ts", "items.flatMap((item, i) =>", "items.slice(0, 1).flatMap((item, i) =>"),
    ],
    caughtBy: cheating("names who spoils one item, and the item"),
  },
  {
    name: "batch: evidence proves whatever items a failure names",
    patches: [
      patch("node/evidence.ts", "known.items!.length === 1 || items.join() === spoilt.join()", "true"),
    ],
    caughtBy: cheating("names who spoils one item, and the item"),
  },
  {
    name: "batch: evidence proves whatever number of items a failure names",
    patches: [
      patch("node/evidence.ts", "failure.items !== (itemCount > 1 ? itemCount : undefined)", "false"),
    ],
    caughtBy: cheating("names who spoils one item, and the item"),
  },
  {
    name: "batch: a coordinator names what items it likes",
    patches: [
      patch("cluster/commands/results.ts", "known && areSpoilt(spoilt, itemCount) ? spoilt : []", "spoilt"),
    ],
    caughtBy: claims("sign() of a batch believes no coordinator that names items"),
  },
  {
    name: "batch: an event names what items it likes",
    patches: [
      patch("cluster/events/event_schema.ts", "culprits.length > 0 && areSpoilt(spoilt, items)", "true"),
    ],
    caughtBy: {
      file: "tests/cluster/events/event_schema_test.ts",
      test: "readEvent() drops a failure that names items that no batch has",
    },
  },
  {
    name: "batch: what was handed over counts as not signed if its coordinator is gone",
    patches: [
      patch("cluster/commands/initiator/remote_command.ts", 'this.#history().phase = "opening";', ""),
    ],
    caughtBy: claims("sign() of a batch counts its items as possibly signed"),
  },
  {
    name: "batch: what its coordinator refused counts as possibly signed",
    patches: [
      patch(
        "cluster/commands/initiator/remote_command.ts",
        'if (results.refused) this.#history().phase = "inviting";',
        "",
      ),
    ],
    caughtBy: claims("sign() of a batch counts its items as possibly signed"),
  },
  {
    name: "batch: paths have as many steps as fit",
    patches: [patch("cluster/records/items.ts", "if (steps > maxSteps) {", "if (steps < 0) {")],
    caughtBy: {
      file: "tests/negative/batch_command_test.ts",
      test: "sign() names the item of a batch that it does not take",
    },
  },
  {
    name: "batch: an accuser shows what commitments it likes",
    patches: [
      patch(
        "schemes/frost_share.ts",
        "if (!equal(suite.promise.decode(accepted).promise, promise)) {",
        "if (equal(promise, new Uint8Array())) {",
      ),
    ],
    caughtBy: claims("checkEvidence() is not fooled by who shows other commitments of a batch"),
  },
];
