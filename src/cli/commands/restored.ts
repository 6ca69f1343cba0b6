/**
 * `restored`: whether a node's store was restored or set back, and the operator's confirmation that it may be used.
 * @module
 */
import { confirmRestored, restoredState } from "../../cluster/rollback/restoration.ts";
import { InputError } from "../../errors.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { askRunning, unlessInUse } from "../control/ask.ts";
import { print, printJson } from "../print.ts";
import { withStore } from "../store.ts";

const sentences = {
  "restored": "restored from a backup: no sessions until it has been compared with enough others",
  "rolled-back": "set back to an earlier state: no sessions until this is confirmed",
} as const;
type State = keyof typeof sentences;

export const restoredCommand = defineCommand({
  meta: {
    name: "restored",
    description: "Print whether a node's store was restored or set back, and confirm that it may be used",
    examples: ["restored alice/node.json", "restored alice/node.json --confirm"],
  },
  args: {
    config: { type: "positional", required: true, description: "the node's configuration, node.json" },
    confirm: {
      type: "boolean",
      default: false,
      description: "let it take sessions without a comparison with enough others",
    },
    json,
  },
  async run({ args }) {
    if (args.confirm) return await confirm(args);
    const running = await askRunning<"status">({ method: "status" }, args.config);
    const state = running === null ? await stateInStore(args.config) : running.rolledBack;
    if (args.json) printJson({ state });
    else print(state === null ? "neither restored nor set back" : sentences[state]);
  },
});

async function stateInStore(path: string): Promise<State | null> {
  return await withStore(path, async ({ rows }) => {
    const mark = await restoredState(rows);
    return mark === null || mark.state === "settled" ? null : mark.state;
  });
}

/** @throws {InputError} `node` or `store`, if there is nothing to confirm. */
async function confirm({ config, json }: { config: string; json: boolean }): Promise<void> {
  const running = await askRunning<"confirm-restored">({ method: "confirm-restored" }, config);
  const isRunning = running !== null;
  if (!isRunning) await unlessInUse(() => confirmStopped(config));
  if (json) return printJson({ confirmed: true, running: isRunning });
  print(`confirmed: from ${isRunning ? "now" : "the node's next start"} on it takes sessions`);
}

async function confirmStopped(path: string): Promise<void> {
  await withStore(path, async ({ rows, self }) => {
    const mark = await restoredState(rows);
    if (mark === null || mark.state === "settled") {
      throw new InputError("store", "expected one that was restored or set back, found another");
    }
    await confirmRestored(rows, self);
  }, { alone: true });
}
