/**
 * Asking the person at a terminal whether somebody may join.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { Admit, JoinRequest } from "../cluster/roster/admission.ts";
import { InputError } from "../errors.ts";

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
export function questionAbout({ name, rights, words, noes }: JoinRequest): string {
  const before = noes === 0 ? "" : ` You have said no to it ${noes === 1 ? "once" : `${noes} times`} before.`;
  return `${name} asks to join as ${rights.join(" and ")}. Its person must read you these words: ${
    words.join(" ")
  }${before}`;
}

/** What was typed before the input was opened has come by then, ms. */
const settlingMs = 100;

/** Who asks the person at a terminal. */
export interface AskingOptions {
  /** What is typed, line by line; read from the first question on. */
  lines: AsyncGenerator<string, void>;
  /** Prints one or several lines. */
  print(text: string): void;
  /** Resolves after `ms`. */
  pause?(ms: number): Promise<void>;
}

/**
 * Asks about one after the other. The first of the words lets in, which nobody can have typed before they were drawn;
 * “n” or “no” turns away; anything else is no answer. What was typed while nothing was asked, or for somebody who has
 * left meanwhile, is nobody's answer.
 */
export function askingPerson({ lines, print, pause = later }: AskingOptions): Admit {
  let turn: Promise<unknown> = Promise.resolve();
  let open: Promise<void> | null = null;
  /** Takes a line, or null when there will be no more. */
  let hear: (line: string | null) => void = () => {};
  let over = false;
  async function read(): Promise<void> {
    for await (const line of lines) hear(line);
    over = true;
    hear(null);
  }
  async function ask(request: JoinRequest, signal: AbortSignal): Promise<"accept" | "decline"> {
    await (open ??= (void read(), pause(settlingMs)));
    if (signal.aborted || over) return "decline";
    const [word] = request.words;
    const how = `Type the first of them, “${word}”, to let ${request.name} in, or “no”.`;
    const { promise, resolve } = Promise.withResolvers<"accept" | "decline">();
    hear = (line) => {
      const said = line?.trim().toLowerCase();
      if (said === word || said === request.words.join(" ")) resolve("accept");
      else if (said === undefined || said === "n" || said === "no") resolve("decline");
      else print(how);
    };
    const left = () => {
      print(`${request.name} no longer asks.`);
      resolve("decline");
    };
    signal.addEventListener("abort", left, { once: true });
    print(`${questionAbout(request)}\nLet it in? ${how}`);
    try {
      return await promise;
    } finally {
      hear = () => {};
      signal.removeEventListener("abort", left);
    }
  }
  return (request, { signal }) => {
    const asked = turn.then(() => ask(request, signal));
    turn = asked.catch(() => {}); // the next question comes all the same
    return asked;
  };
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
