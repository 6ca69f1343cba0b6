/**
 * `outcome`: what came of a command that the peer of the given configuration has asked for.
 * @module
 */
import process from "node:process";
import { defineCommand, json } from "../arguments/command.ts";
import { ask } from "../control/ask.ts";
import type { Outcome } from "../control/operations/outcome.ts";
import { waitOf } from "../control/wait.ts";
import { textOf } from "../key_list.ts";
import { print, printJson, printNote } from "../print.ts";

export const outcomeCommand = defineCommand({
  meta: {
    name: "outcome",
    description: "Print what came of a command of this peer, by its id; exit code 1 without a result",
    examples: [
      "outcome alice/node.json 5f0c9a315f0c9a315f0c9a315f0c9a31",
      "outcome alice/node.json 5f0c9a315f0c9a315f0c9a315f0c9a31 --wait 60 --json",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the configuration of the peer that has asked, node.json",
    },
    id: {
      type: "positional",
      required: true,
      description: "the command's id: that of --id, or as --json printed it",
    },
    wait: {
      type: "string",
      default: "5",
      description: "seconds to wait until it has ended, and peers that know are connected",
    },
    json,
  },
  async run({ args: { config, id, wait, json } }) {
    const request = { method: "outcome" as const, id, waitMs: waitOf(wait) };
    await ask<"outcome">(request, { config, json }, (outcome) => {
      if (outcome.state === "running" || outcome.state === "unknown") process.exitCode = 1;
      if (json) printJson(outcome);
      else show(outcome);
    });
  },
});

function show(outcome: Outcome): void {
  switch (outcome.state) {
    case "signed":
      for (const { bytes } of outcome.signatures) print(String(bytes));
      return;
    case "made":
      for (const line of textOf(outcome.key)) print(line);
      return;
    case "running":
      return printNote("It is under way.");
    case "unknown":
      return printNote(
        "Nobody that is connected knows of it: nothing was carried out, or those that did are away. " +
          "Asking again with this id is safe.",
      );
  }
}
