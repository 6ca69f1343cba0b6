/**
 * The question to the person at a terminal whether a peer may join.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { Admit, JoinRequest } from "../cluster/roster/admission/join_request.ts";
import { InputError } from "../errors.ts";

/** The way to decide about requests: ask a person, accept everybody, or (null) leave the request open. */
export type HowToAdmit = "ask" | "always" | null;

/**
 * Reads `--admit`. Without it, a person is asked if there is a terminal.
 *
 * @throws {InputError} `admit`
 */
export function howToAdmit(given: string | undefined, isTerminal: boolean): HowToAdmit {
  if (given === "ask" || given === "always") return given;
  if (given !== undefined) throw new InputError("admit", `expected ask or always, found “${given}”`);
  return isTerminal ? "ask" : null;
}

/**
 * Lines from standard input, which is opened at the first question. A terminal does not keep the process
 * alive.
 */
export async function* linesFromTerminal(): AsyncGenerator<string, void> {
  const lines = createInterface({ input: process.stdin });
  if (Deno.stdin.isTerminal()) process.stdin.unref(); // Deno has `unref` for terminals only
  yield* lines;
}

/**
 * The request in one line, before the words are compared. The name was checked when it came: all of it is
 * visible.
 */
export function requestLine({ name, rights, noes }: JoinRequest): string {
  const before = noes === 0 ? "" : ` You have said no to it ${noes === 1 ? "once" : `${noes} times`} before.`;
  return `${name} asks to join as ${rights.join(" and ")}.${before}`;
}

/** Time until whatever was typed before the input was opened has been read, ms. */
const settlingMs = 100;

/** The terminal at which a person is asked. */
export interface AskingOptions {
  /** The lines that are typed; read from the first question on. */
  lines: AsyncGenerator<string, void>;
  /** Prints one or several lines. */
  print(text: string): void;
  /** Resolves after `ms`. */
  pause?(ms: number): Promise<void>;
}

/**
 * Asks a person about one request after the other. Only the last of the four words lets a peer in. It is
 * never shown here, so the person must have heard it from whoever reads the other screen. “n” or “no”
 * refuses; any other line repeats the question. Lines typed before a question, or for a peer that has left
 * meanwhile, answer nothing.
 */
export function askingPerson({ lines, print, pause = later }: AskingOptions): Admit {
  let turn: Promise<unknown> = Promise.resolve();
  let open: Promise<void> | null = null;
  /** Receives each line, and null when the input ends. */
  let receive: (line: string | null) => void = () => {};
  let over = false;
  async function read(): Promise<void> {
    for await (const line of lines) receive(line);
    over = true;
    receive(null);
  }
  async function ask(request: JoinRequest, signal: AbortSignal): Promise<"accept" | "decline"> {
    await (open ??= (void read(), pause(settlingMs)));
    if (signal.aborted || over) return "decline";
    const { name, words } = request;
    const how = `Type the fourth word to let ${name} in. If any word differs, type “no”.`;
    const { promise, resolve } = Promise.withResolvers<"accept" | "decline">();
    receive = (line) => {
      const typed = line?.trim().toLowerCase();
      if (typed === words[3] || typed === words.join(" ")) resolve("accept");
      else if (typed === undefined || typed === "n" || typed === "no") resolve("decline");
      else print(how);
    };
    const left = () => {
      print(`${name} no longer asks.`);
      resolve("decline");
    };
    signal.addEventListener("abort", left, { once: true });
    const shown = words.slice(0, 3).join(" ");
    const toHear =
      `Let its person read you the four words on the other screen. The first three must be: ${shown}`;
    print(`${requestLine(request)} ${toHear}\nLet it in? ${how}`);
    try {
      return await promise;
    } finally {
      receive = () => {};
      signal.removeEventListener("abort", left);
    }
  }
  return (request, { signal }) => {
    const asked = turn.then(() => ask(request, signal));
    turn = asked.catch(() => {}); // a question that failed does not stop the next one
    return asked;
  };
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
