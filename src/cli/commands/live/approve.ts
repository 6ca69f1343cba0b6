/**
 * `approve`: the questions that wait at a running node whose configuration says `"approve": "ask"`, and the answer to one.
 * @module
 */
import { InputError } from "../../../errors.ts";
import { defineCommand } from "../../arguments/command.ts";
import { askRunning } from "../../control/ask.ts";
import type { OpenQuestion } from "../../control/control_approver.ts";
import { print, printJson } from "../../print.ts";

export const approveCommand = defineCommand({
  meta: {
    name: "approve",
    description: 'Print the questions that wait at a running node with "approve": "ask", or answer one',
    examples: [
      "approve alice/node.json",
      "approve alice/node.json 5f0c9a31",
      "approve alice/node.json 5f0c9a31 --no",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the running node's configuration, node.json",
    },
    code: { type: "positional", required: false, description: "the code of the question that is answered" },
    no: { type: "boolean", default: false, description: "the answer is no" },
    json: { type: "boolean", default: false, description: "print JSON" },
  },
  async run({ args: { config, code, no, json } }) {
    if (code === undefined) {
      if (no) throw new InputError("code", "expected that of a question beside --no, found none");
      const open = running(await askRunning<"questions">({ method: "questions" }, config), config);
      if (json) return printJson({ questions: open });
      for (const question of open) for (const line of textOf(question)) print(line);
      if (open.length === 0) print("no questions");
      return;
    }
    const decision = no ? "decline" : "accept";
    const answered = running(
      await askRunning<"answer">({ method: "answer", code, decision }, config),
      config,
    );
    if (json) return printJson({ answered, decision });
    for (const line of answered.lines) print(line);
    print(no ? "declined" : "accepted");
  },
});

/** @throws {InputError} `node`, if none runs. */
function running<T>(result: T | null, config: string): T {
  if (result !== null) return result;
  throw new InputError("node", `expected one that runs with ${config}, found none`, { code: "wrong-state" });
}

function* textOf({ code, lines }: OpenQuestion): Iterable<string> {
  yield* lines;
  yield `  code           ${code}`;
}
