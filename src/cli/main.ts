/**
 * `deno task node`: the command line. It runs one headless peer, and makes and looks after its files.
 *
 * Exit codes: 0 after an orderly end; 2 for wrong input, with one sentence on standard error and nothing
 * changed; 1 for anything else.
 * @module
 */
import { defineCommand, runCommand } from "citty";
import { InputError } from "../errors.ts";
import { backupCommand } from "./commands/backup.ts";
import { identityCommand } from "./commands/identity.ts";
import { joinCommand } from "./commands/join.ts";
import { keysCommand } from "./commands/keys.ts";
import { linkCommand } from "./commands/link.ts";
import { runNode } from "./commands/run.ts";
import { restoreCommand } from "./commands/restore.ts";
import { restoredCommand } from "./commands/restored.ts";
import { rosterCommand } from "./commands/roster.ts";
import { printNote } from "./print.ts";

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
    if (error instanceof InputError) printNote(error.message);
    else console.error((error as Error).message);
    Deno.exitCode = 2;
  }
}
