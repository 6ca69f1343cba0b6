/**
 * `deno task node`: one headless peer, and what it needs to become one.
 *
 * Exit codes: 0 after an orderly end, 2 for input that is wrong (one sentence on standard error, nothing changed),
 * 1 for anything else.
 * @module
 */
import { defineCommand, runCommand } from "citty";
import { InputError } from "../errors.ts";
import { backupCommand } from "./backup.ts";
import { identityCommand } from "./identity.ts";
import { joinCommand } from "./join.ts";
import { keysCommand } from "./keys.ts";
import { linkCommand } from "./link.ts";
import { runNode } from "./node.ts";
import { restoreCommand } from "./restore.ts";
import { restoredCommand } from "./restored.ts";
import { rosterCommand } from "./roster.ts";
import { tell } from "./print.ts";

export const quorate = defineCommand({
  meta: { name: "quorate", description: "One peer of a cluster that signs together" },
  subCommands: {
    run: runNode,
    identity: identityCommand,
    roster: rosterCommand,
    join: joinCommand,
    link: linkCommand,
    backup: backupCommand,
    restore: restoreCommand,
    restored: restoredCommand,
    keys: keysCommand,
  },
});

if (import.meta.main) {
  try {
    await runCommand(quorate, { rawArgs: Deno.args });
  } catch (error) {
    const wrong = error instanceof InputError || (error instanceof Error && error.name === "CLIError");
    if (!wrong) throw error;
    if (error instanceof InputError) tell(error.message);
    else console.error((error as Error).message);
    Deno.exitCode = 2;
  }
}
