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
export function requestLine({ name, rights, noes }: Omit<JoinRequest, "words" | "peer">): string {
  const before = noes === 0 ? "" : ` You have said no to it ${noes === 1 ? "once" : `${noes} times`} before.`;
  return `${name} asks to join as ${rights.join(" and ")}.${before}`;
}

/** The first three words, for a person to compare. */
export const comparedWords = ({ words }: Pick<JoinRequest, "words">): string => words.slice(0, 3).join(" ");

/** Whether what was typed lets the peer in: the fourth word, or all four. Nothing that is shown here does. */
export function isFourthWord({ words }: Pick<JoinRequest, "words">, typed: string): boolean {
  const word = typed.trim().toLowerCase();
  return word === words[3] || word === words.join(" ");
}

/**
 * Asks a person about requests to join. Only the last of the four words lets a peer in. It is never shown here, so
 * the person must have heard it from whoever reads the other screen. “n” or “no” refuses; any other line repeats
 * the question. After the end of the input a request stays open: it can be answered over the control socket.
 */
export function askingPerson(terminal: TerminalQuestions): Admit {
  return async (request, { signal }) => {
    const decision = await terminal.ask(questionAbout(request), signal);
    if (decision === null && !signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
    return decision ?? "decline"; // which nobody waits for any more
  };
}

function questionAbout(request: JoinRequest): Question<"accept" | "decline"> {
  const { name } = request;
  const how = `Type the fourth word to let ${name} in. If any word differs, type “no”.`;
  const toHear = `Let its person read you the four words on the other screen. The first three must be: ${
    comparedWords(request)
  }`;
  return {
    asks: `${requestLine(request)} ${toHear}\nLet it in? ${how}`,
    again: how,
    over: `${name} no longer asks.`,
    answerOf(line) {
      if (isFourthWord(request, line)) return "accept";
      const typed = line.toLowerCase();
      return typed === "n" || typed === "no" ? "decline" : undefined;
    },
  };
}
