/**
 * The person at the terminal of `run`, who is asked before a share of the node is used.
 * @module
 */
import type { Random } from "../../ports.ts";
import type { Question, TerminalQuestions } from "../terminal/questions.ts";
import type { Approver, Asked, Decision } from "./approvers.ts";
import { linesOf } from "./request_text.ts";

/** The length of the code that a yes names, bytes. */
const codeLength = 2;

/**
 * An approver that asks at a terminal, one request after the other. A yes names a code that is drawn for each
 * question, so that it cannot be a yes to another one: the ids of commands are chosen by those who ask.
 */
export function terminalApprover(terminal: TerminalQuestions, random: Random): Approver {
  return {
    ask: (asked, { signal }) => terminal.ask(questionAbout(asked, random(codeLength).toHex()), signal),
  };
}

function questionAbout(asked: Asked, code: string): Question<Decision> {
  const how = `Type “yes ${code}” to take part, or “no”.`;
  return {
    asks: [...linesOf(asked), how].join("\n"),
    again: how,
    over: `Nobody waits for an answer about ${code} any more.`,
    answerOf(line) {
      const typed = line.toLowerCase().split(/\s+/).join(" ");
      if (typed === `yes ${code}`) return "accept";
      return typed === "n" || typed === "no" || typed === `no ${code}` ? "decline" : undefined;
    },
  };
}
