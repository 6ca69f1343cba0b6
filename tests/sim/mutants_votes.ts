/**
 * Seeded bugs in what members say about a key that is being made, and in what follows from it.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const votes = (test: string) => ({ file: "tests/negative/votes_test.ts", test });

export const votesMutants: readonly Mutant[] = [
  {
    name: "one no erases the share",
    patches: [
      patch(
        "keystore/votes.ts",
        'return row.state === "pending" || isWitnessed(row, self) ? { ...row, state: "given-up" } : row;',
        "return erased(row);",
      ),
    ],
    caughtBy: votes("A cheater that says yes to one and no to another"),
  },
  {
    name: "who has no memory of a session says no",
    patches: [
      patch(
        "cluster/keys/own_rows.ts",
        'return { position: running() ? "running" : "lost" };',
        'return { position: running() ? "running" : "no" };',
      ),
    ],
    caughtBy: votes("A disk that goes back says lost"),
  },
  {
    name: "a certificate does not bring back what was given up",
    patches: [
      patch(
        "keystore/votes.ts",
        'if (row.share.length > 0) return { ...row, state: "active", votes };',
        'if (row.state === "pending") return { ...row, state: "active", votes };\n    if (row.share.length > 0) return null;',
      ),
    ],
    caughtBy: votes("A cheater that says yes to one and no to another"),
  },
  {
    name: "yes and no of one author is not told",
    patches: [patch("keystore/votes.ts", "if (!both ||", "if (both || !both ||")],
    caughtBy: votes("A cheater that says yes to one and no to another"),
  },
  {
    name: "a no that was said is not on disk",
    patches: [
      patch(
        "cluster/keys/own_rows.ts",
        "if (!await writeRow(this.#context.rows, found!.version, over)) continue;",
        "",
      ),
    ],
    caughtBy: votes("A crash before the vote is a no, for ever"),
  },
  {
    name: "an erased share takes its yes along",
    patches: [
      patch(
        "keystore/votes.ts",
        'row.state === "active" ? "known" : "gone"',
        'row.state === "active" ? "known" : "no"',
      ),
    ],
    caughtBy: votes("A share is kept though every other member has signed a no"),
  },
  {
    name: "whoever asked and coordinates does not wait for the others' word",
    patches: [
      patch(
        "cluster/commands/session/session_plan.ts",
        "if (initiator === identity.peer) await options.confirmed(command, row, ballot.signal);",
        "",
      ),
    ],
    caughtBy: votes("Whoever asked hears wallet-pending when a member dies after its vote"),
  },
  {
    name: "a member without a share looks ready",
    patches: [
      patch(
        "cluster/commands/party.ts",
        "!lacking.has(peer) && !locked(peer) && (peer === self || linked(peer))",
        "!locked(peer) && (peer === self || linked(peer))",
      ),
    ],
    caughtBy: votes("A disk that goes back says lost"),
  },
  {
    name: "unfinished keys have no bound",
    patches: [
      patch(
        "cluster/keys/name_reservations.ts",
        "this.#keys.unfinished().length + this.#reserved.size >= maxUnfinished",
        "this.#keys.unfinished().length < 0",
      ),
    ],
    caughtBy: votes("A node refuses new keys when it keeps too many"),
  },
  {
    name: "a question writes a row",
    patches: [
      patch(
        "cluster/keys/own_rows.ts",
        'case undefined:\n        case "lost":',
        'case undefined:\n          await writeRow(this.#context.rows, null, rowWithout("no", session, 0));\n          return { position: "no" };\n        case "lost":',
      ),
    ],
    caughtBy: votes("A question about a session that made no key"),
  },
  {
    name: "what comes out of a backup speaks as if nothing had happened since",
    patches: [
      patch(
        "keystore/backup/restore_rows.ts",
        'wanted: kept ? null : { ...row, state: "lost" }',
        "wanted: kept ? null : row",
      ),
    ],
    caughtBy: {
      file: "tests/node/restore_test.ts",
      test: "restore() brings back what was not active as lost",
    },
  },
];
