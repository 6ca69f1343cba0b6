/**
 * `watch`: failures as they happen, in the sentences of the page; or all events as JSON lines.
 * @module
 */
import * as v from "valibot";
import { InputError } from "../../../errors.ts";
import { defineCommand } from "../../arguments/command.ts";
import { ask } from "../../control/ask.ts";
import { print, printJsonLine, printNote } from "../../print.ts";

/** An event as it comes from a node, with the lines about it. */
const watchedShape = v.object({ event: v.unknown(), lines: v.nullable(v.string()) });

export const watchCommand = defineCommand({
  meta: {
    name: "watch",
    description: "Print failures and warnings of the cluster as they happen, until Ctrl+C",
    examples: ["watch alice/node.json", "watch alice/node.json --json"],
  },
  args: {
    config: { type: "positional", required: true, description: "a peer's configuration, node.json" },
    replay: { type: "string", default: "0", description: "the number of earlier ones to print first" },
    json: { type: "boolean", default: false, description: "print every event, as a line of JSON" },
  },
  async run({ args: { config, replay, json } }) {
    if (!/^\d{1,6}$/.test(replay)) {
      throw new InputError("replay", `expected a number of events, found “${replay}”`);
    }
    const event = (value: unknown) => {
      const { event, lines } = v.parse(watchedShape, value);
      if (json) printJsonLine(event);
      else if (lines !== null) { for (const line of [...lines.split("\n"), ""]) print(line); }
    };
    const request = { method: "watch" as const, faults: !json, replay: Number(replay) };
    await ask<"watch">(
      request,
      { config, json, event, endless: true },
      () => printNote("The node has stopped."),
    );
  },
});
