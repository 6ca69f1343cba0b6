/**
 * Asking the person at a terminal whether somebody may join.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { Admit, JoinRequest } from "../cluster/admission.ts";
import { InputError } from "../failure.ts";

/** How a node decides: by a person, by itself, or not at all. */
export type HowToAdmit = "ask" | "always" | null;

/** @param said What was given on the command line. Without it, a person is asked where there is a terminal. @throws {InputError} `admit` */
export function howToAdmit(said: string | undefined, isTerminal: boolean): HowToAdmit {
  if (said === "ask" || said === "always") return said;
  if (said !== undefined) throw new InputError("admit", `expected ask or always, found “${said}”`);
  return isTerminal ? "ask" : null;
}

/** Lines from standard input, which is opened with the first question. A terminal does not keep the process alive. */
export async function* linesFromTerminal(): AsyncGenerator<string, void> {
  const lines = createInterface({ input: process.stdin });
  if (Deno.stdin.isTerminal()) process.stdin.unref(); // Deno has it for terminals only
  yield* lines;
}

/** Who asks, in one line. Its name was looked at before it got here: there is nothing in it that is not seen. */
export function questionAbout({ name, rights, words }: JoinRequest): string {
  return `${name} asks to join as ${rights.join(" and ")}. It must read you these words: ${words.join(" ")}`;
}

/**
 * Asks about one after the other; only “y” or “yes” lets in. Each question takes one line, also when the asker has left
 * before it is typed: a “yes” is never another's.
 */
export function askingPerson(lines: AsyncGenerator<string, void>, print: (text: string) => void): Admit {
  let turn: Promise<unknown> = Promise.resolve();
  async function ask(request: JoinRequest, signal: AbortSignal): Promise<"accept" | "decline"> {
    if (signal.aborted) return "decline";
    print(`${questionAbout(request)}\nLet it in? [y/N]`);
    const left = () => print(`${request.name} no longer asks. Press Enter.`);
    signal.addEventListener("abort", left, { once: true });
    try {
      const { value, done } = await lines.next();
      return !signal.aborted && !done && /^y(es)?$/i.test(value.trim()) ? "accept" : "decline";
    } finally {
      signal.removeEventListener("abort", left);
    }
  }
  return (request, { signal }) => {
    const asked = turn.then(() => ask(request, signal));
    turn = asked.catch(() => {}); // the next question comes all the same
    return asked;
  };
}
