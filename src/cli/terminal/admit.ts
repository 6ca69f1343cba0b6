/**
 * The question to the person at a terminal whether a peer may join.
 * @module
 */
import type { Admit, JoinRequest } from "../../cluster/roster/admission/join_request.ts";
import type { Question, TerminalQuestions } from "./questions.ts";

/** The way to decide about requests: ask a person, accept everybody, or (null) leave the request open. */
export type HowToAdmit = "ask" | "always" | null;

/** The way that `--admit` names. Without it, a person is asked if there is a terminal. */
export function howToAdmit(given: "ask" | "always" | undefined, isTerminal: boolean): HowToAdmit {
  return given ?? (isTerminal ? "ask" : null);
}

/**
 * The request in one line, before the words are compared. The name was checked when it came: all of it is
 * visible.
 */
export function requestLine({ name, rights, noes }: JoinRequest): string {
  const before = noes === 0 ? "" : ` You have said no to it ${noes === 1 ? "once" : `${noes} times`} before.`;
  return `${name} asks to join as ${rights.join(" and ")}.${before}`;
}

/**
 * Asks a person about requests to join. Only the last of the four words lets a peer in. It is never shown here, so
 * the person must have heard it from whoever reads the other screen. “n” or “no” refuses; any other line repeats
 * the question.
 */
export function askingPerson(terminal: TerminalQuestions): Admit {
  return async (request, { signal }) => await terminal.ask(questionAbout(request), signal) ?? "decline";
}

function questionAbout(request: JoinRequest): Question<"accept" | "decline"> {
  const { name, words } = request;
  const how = `Type the fourth word to let ${name} in. If any word differs, type “no”.`;
  const shown = words.slice(0, 3).join(" ");
  const toHear =
    `Let its person read you the four words on the other screen. The first three must be: ${shown}`;
  return {
    asks: `${requestLine(request)} ${toHear}\nLet it in? ${how}`,
    again: how,
    over: `${name} no longer asks.`,
    answerOf(line) {
      const typed = line.toLowerCase();
      if (typed === words[3] || typed === words.join(" ")) return "accept";
      return typed === "n" || typed === "no" ? "decline" : undefined;
    },
  };
}
