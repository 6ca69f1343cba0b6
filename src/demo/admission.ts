/**
 * The admission of peers that want to hold shares in the demonstration: the person at its terminal decides.
 * The peer with the admin key is a process without a terminal, so it asks the process that started it, in
 * JSON lines.
 * @module
 */
import { askingPerson, requestLine } from "../cli/terminal/admit.ts";
import { linesFromTerminal, TerminalQuestions } from "../cli/terminal/questions.ts";
import type { Admit, JoinRequest } from "../cluster/roster/admission/join_request.ts";

/**
 * The question that a peer writes to its standard output; `request` is null when an earlier one is withdrawn.
 */
export interface Asked {
  type: "asks";
  id: number;
  request: JoinRequest | null;
}

/** The peer's side. `answered` receives the lines of its standard input. */
export function askingStarter(print: (asked: Asked) => void): { admit: Admit; answered(line: string): void } {
  const open = new Map<number, (said: "accept" | "decline") => void>();
  let last = 0;
  return {
    admit(request, { signal }) {
      const id = ++last;
      print({ type: "asks", id, request });
      signal.addEventListener("abort", () => print({ type: "asks", id, request: null }), { once: true });
      return new Promise<"accept" | "decline">((resolve) => open.set(id, resolve)).finally(() =>
        open.delete(id)
      );
    },
    answered(line) {
      const { id, said } = JSON.parse(line);
      open.get(id)?.(said);
    },
  };
}

/** The starter's side, one for each process. */
export function answering(admit: Admit, send: (line: string) => void): (asked: Asked) => void {
  const open = new Map<number, AbortController>();
  return ({ id, request }) => {
    if (request === null) return void open.get(id)?.abort();
    const over = new AbortController();
    open.set(id, over);
    void admit(request, { signal: over.signal }).then((said) => {
      open.delete(id);
      if (!over.signal.aborted) send(JSON.stringify({ id, said }));
    });
  };
}

/** Asks the person at the terminal; without a terminal everybody is let in, and a line says so. */
export function atTerminal(print: (text: string) => void): Admit {
  if (Deno.stdin.isTerminal()) {
    return askingPerson(new TerminalQuestions({ lines: linesFromTerminal(), print }));
  }
  return (request) => {
    print(
      `${requestLine(request)} Its words: ${
        request.words.join(" ")
      }\nLet in: there is no terminal to ask at.`,
    );
    return Promise.resolve("accept");
  };
}
