/**
 * Who decides in the demonstration about those who want to hold shares: the person at its terminal. The peer with the
 * admin key is a process without one, so it asks whoever started it, in JSON lines.
 * @module
 */
import { askingPerson, linesFromTerminal, questionAbout } from "../cli/admit.ts";
import type { Admit, JoinRequest } from "../cluster/roster/admission.ts";

/** What a peer writes to its standard output; `request` is null when there is nothing to decide any more. */
export interface Asked {
  type: "asks";
  id: number;
  request: JoinRequest | null;
}

/** The peer's side. `answered` is given the lines of its standard input. */
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

/** The starter's side: one for each process. */
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

/** A person, if there is one; else everybody is let in, and that is said. */
export function atTerminal(print: (text: string) => void): Admit {
  if (Deno.stdin.isTerminal()) return askingPerson({ lines: linesFromTerminal(), print });
  return (request) => {
    print(`${questionAbout(request)}\nLet in: there is no terminal to ask at.`);
    return Promise.resolve("accept");
  };
}
