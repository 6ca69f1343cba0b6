/**
 * The commands of `quorate`.
 * @module
 */
import { type Command, defineCommand } from "./arguments/command.ts";
import { backupCommand } from "./commands/backup.ts";
import { completionsCommand } from "./commands/completions.ts";
import { identityCommand } from "./commands/identity.ts";
import { initCommand } from "./commands/init.ts";
import { joinCommand } from "./commands/join.ts";
import { keysCommand } from "./commands/keys.ts";
import { linkCommand } from "./commands/link.ts";
import { admitCommand } from "./commands/live/admit.ts";
import { approveCommand } from "./commands/live/approve.ts";
import { inviteCommand } from "./commands/live/invite.ts";
import { peersCommand } from "./commands/live/peers.ts";
import { statusCommand } from "./commands/live/status.ts";
import { watchCommand } from "./commands/live/watch.ts";
import { outcomeCommand } from "./commands/outcome.ts";
import { runNode } from "./commands/run.ts";
import { restoreCommand } from "./commands/restore.ts";
import { restoredCommand } from "./commands/restored.ts";
import { rosterCommand } from "./commands/roster.ts";
import { signCommand } from "./commands/sign.ts";
import { verifyCommand } from "./commands/verify.ts";
import { version } from "../platform/version.ts";

export const quorate: Command = defineCommand({
  meta: {
    name: "quorate",
    version,
    description: "One peer of a cluster that signs together",
    examples: [
      "init alice --name Alice",
      "run alice/node.json",
      "keys list alice/node.json --json",
      "sign --help",
      "--version",
    ],
  },
  subCommands: {
    init: initCommand,
    run: runNode,
    identity: identityCommand,
    roster: rosterCommand,
    invite: inviteCommand,
    join: joinCommand,
    admit: admitCommand,
    link: linkCommand,
    backup: backupCommand,
    restore: restoreCommand,
    restored: restoredCommand,
    keys: keysCommand,
    sign: signCommand,
    outcome: outcomeCommand,
    verify: verifyCommand,
    status: statusCommand,
    peers: peersCommand,
    watch: watchCommand,
    approve: approveCommand,
    completions: completionsCommand(() => quorate),
  },
});
