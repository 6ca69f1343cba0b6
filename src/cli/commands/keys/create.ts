/**
 * `keys create`: makes a key, as the peer of the given configuration.
 * @module
 */
import { defineCommand, json, labels } from "../../arguments/command.ts";
import { ask } from "../../control/ask.ts";
import { wordsIn } from "../../control/peer_names.ts";
import { textOf } from "../../key_list.ts";
import { print, printJson } from "../../print.ts";
import { waitOf } from "../../control/wait.ts";
import { keyName, keyNameOf } from "./arguments.ts";
import { thresholdOf } from "./threshold.ts";

export const create = defineCommand({
  meta: {
    name: "create",
    description: "Make a key of which every member holds a share, and nobody the whole",
    examples: [
      "keys create alice/node.json treasury ed25519 --threshold 2",
      "keys create alice/node.json treasury ed25519 --threshold 2 --members Alice,Bob,Carol",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the configuration of a peer with the right manager, node.json",
    },
    ...keyName,
    threshold: { type: "string", required: true, description: "the number of members that sign" },
    members: {
      type: "string",
      description: "names or ids of holders, separated by commas; default: every holder of the roster",
    },
    ...labels,
    wait: { type: "string", default: "15", description: "seconds to wait until all members are there" },
    json,
  },
  async run({ args }) {
    const { config, members, id, note, reference, json } = args;
    const request = {
      ...{ method: "create-key" as const, ...keyNameOf(args), note, reference, waitMs: waitOf(args.wait) },
      ...(id !== undefined && { id }),
      threshold: thresholdOf(args.threshold),
      ...(members !== undefined && { members: wordsIn(members) }),
    };
    await ask<"create-key">(request, { config, json }, (dealt) => {
      if (json) printJson(dealt);
      else for (const line of textOf(dealt.key)) print(line);
    });
  },
});
