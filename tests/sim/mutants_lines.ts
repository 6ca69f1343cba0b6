/**
 * Bugs in the passing of epochs that a line of resharings finds, each by the invariant that it breaks.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const reservations = (find: string, replace: string) =>
  patch("cluster/keys/name_reservations.ts", find, replace);
const lines = (invariant: string, ...lines: string[]) => ({ lines, invariant });

/** Nobody erases a share. */
const keepsShares = patch(
  "cluster/keys/epochs/eraser.ts",
  'row.state === "active" && this.#isHandedOver(row)',
  "false",
);

/** Several sessions may deal one epoch anew at a time. */
const atATime: readonly Patch[] = [
  reservations(
    'if (other && other.command !== command && !givesWay) throw new SessionError("wallet-busy");',
    "",
  ),
  reservations(
    'if (before && before.command !== command) throw new SessionError("wallet-busy");',
    "",
  ),
  reservations("if (before && command < before.command) before.giveWay?.();", ""),
  patch(
    "cluster/commands/invited/kind_checks.ts",
    'if (keys.rows.releasedTo(row.session).length > 0) throw new SessionError("wallet-busy");',
    "",
  ),
  patch(
    "cluster/commands/session/session_plan.ts",
    'if (keys.rows.releasedTo(keyId).length > 0) throw new SessionError("wallet-busy");',
    "",
  ),
];

export const lineMutants: readonly Mutant[] = [
  {
    name: "lines: a key that is dealt anew gets another chain code",
    patches: [
      patch(
        "cluster/commands/session/task.ts",
        "      key: row.key!,\n      ...dealing,",
        "      key: { ...row.key!, chainCode: row.session },\n      ...dealing,",
      ),
    ],
    caughtBy: lines("I24 same key", "none @ command"),
  },
  {
    name: "lines: a share goes once its epoch is released",
    patches: [
      patch(
        "keystore/commit_key.ts",
        "  const others = await ballot.release(body);",
        '  const goes = (row: KeyRow): KeyRow => ({ ...row, state: "known", share: none });\n' +
          "  await change(options.rows, dealtFrom!.parent.session, goes, options.changed);\n" +
          "  const others = await ballot.release(body);",
      ),
    ],
    caughtBy: lines("I25 some quorum", "crash @ release"),
  },
  {
    name: "lines: an epoch signs after it has been handed over",
    patches: [
      patch("cluster/keys/epochs/epochs.ts", "return this.#successors.has(id);", "return false;"),
      keepsShares,
    ],
    caughtBy: lines("I26 epochs", "none @ command"),
  },
  {
    name: "lines: shares of past epochs stay",
    patches: [keepsShares],
    caughtBy: lines("I27 erased", "none @ command"),
  },
  {
    name: "lines: an epoch is dealt anew twice",
    patches: [
      ...atATime,
      patch("keystore/commit_key.ts", "  dealtFrom?.check();\n", ""),
    ],
    caughtBy: lines("I28 one line", "rival @ command"),
  },
  {
    name: "lines: a share is dealt anew without a yes",
    patches: [
      patch(
        "cluster/commands/consent.ts",
        'if (ruled === "accept") return',
        'if (ruled === "accept" || proposed.command.value.kind === "reshare") return',
      ),
    ],
    caughtBy: lines("I29 consent", "none @ command"),
  },
  {
    name: "lines: two resharings at a time are given one epoch",
    patches: atATime,
    caughtBy: lines("I30 one release", "rival @ command"),
  },
  {
    name: "lines: nobody signs with a key while it is dealt anew",
    patches: [
      patch(
        "cluster/commands/invited/kind_checks.ts",
        '  if (row.state === "pending") throw',
        '  keys.names.checkHeld(command, "~");\n  if (row.state === "pending") throw',
      ),
    ],
    caughtBy: lines("I8 others", "none @ command"),
  },
];
