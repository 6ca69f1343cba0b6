/**
 * `quorate restored`: whether a stopped node's store is a former state of itself, and the operator's word that it may be
 * used all the same.
 * @module
 */
import { defineCommand } from "citty";
import { confirmRestored, restoredState } from "../cluster/rollback/restoration.ts";
import { InputError } from "../errors.ts";
import { withStore } from "./keys.ts";

const said = {
  "restored": "restored from a backup: no sessions until it was compared with enough others",
  "rolled-back": "set back to a former state: no sessions until that is confirmed",
} as const;

export const restoredCommand = defineCommand({
  meta: {
    name: "restored",
    description:
      "Say whether a stopped node's store is a former state of itself, and confirm that it may be used",
  },
  args: {
    config: { type: "positional", required: true, description: "the node's configuration, node.json" },
    confirm: {
      type: "boolean",
      default: false,
      description: "let it take sessions although it was not compared with enough others",
    },
  },
  async run({ args }) {
    await withStore(args.config, async ({ rows }) => {
      const mark = await restoredState(rows);
      const state = mark === null || mark.state === "settled" ? null : mark.state;
      if (!args.confirm) return console.log(state === null ? "neither restored nor set back" : said[state]);
      if (state === null) {
        throw new InputError("store", "expected one that was restored or set back, found another");
      }
      await confirmRestored(rows);
      console.log("confirmed: from the node's next start on it takes sessions");
    }, { alone: args.confirm });
  },
});
