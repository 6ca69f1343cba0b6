/**
 * `approve`: the questions that wait at a running node whose configuration says `"approve": "ask"`, and the answer to one.
 * @module
 */
import { InputError } from "../../../errors.ts";
import { defineCommand, json } from "../../arguments/command.ts";
import { askRunningOnly } from "../../control/ask.ts";
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
    json,
  },
  async run({ args: { config, code, no, json } }) {
    if (code === undefined) {
      if (no) throw new InputError("code", "expected that of a question beside --no, found none");
      const open = await askRunningOnly<"questions">({ method: "questions" }, config);
      if (json) return printJson({ questions: open });
      for (const question of open) for (const line of textOf(question)) print(line);
      if (open.length === 0) print("no questions");
      return;
    }
    const decision = no ? "decline" : "accept";
    const answered = await askRunningOnly<"answer">({ method: "answer", code, decision }, config);
    if (json) return printJson({ answered, decision });
    for (const line of answered.lines) print(line);
    print(no ? "declined" : "accepted");
  },
});

function* textOf({ code, lines }: OpenQuestion): Iterable<string> {
  yield* lines;
  yield `  code           ${code}`;
}
