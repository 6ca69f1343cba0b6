/**
 * The questions to the person at a terminal, one after the other.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";

/** Time until whatever was typed before the input was opened has been read, ms. */
const settlingMs = 100;

/**
 * Lines from standard input, which is opened at the first question. A terminal does not keep the process
 * alive.
 */
export async function* linesFromTerminal(): AsyncGenerator<string, void> {
  const lines = createInterface({ input: process.stdin });
  if (process.stdin.isTTY) process.stdin.unref(); // Deno has `unref` for terminals only
  yield* lines;
}

/** The terminal at which a person is asked. */
export interface TerminalOptions {
  /** The lines that are typed; read from the first question on. */
  lines: AsyncGenerator<string, void>;
  /** Prints one or several lines. */
  print(text: string): void;
  /** Resolves after `ms`. */
  pause?(ms: number): Promise<void>;
}

/** One question. */
export interface Question<T> {
  /** The lines that ask it. */
  asks: string;
  /** The line that is printed when something was typed that answers nothing. */
  again: string;
  /** The line that is printed when nobody waits for the answer any more. */
  over: string;
  /** The answer that a line is, without blanks around it; undefined if it is none. */
  answerOf(line: string): T | undefined;
}

/**
 * A terminal and its questions. Lines typed before a question, or for one that is over meanwhile, answer nothing.
 */
export class TerminalQuestions {
  readonly #options: Required<TerminalOptions>;
  #turn: Promise<unknown> = Promise.resolve();
  #open: Promise<void> | null = null;
  /** Receives each line, and null when the input ends. */
  #receive: (line: string | null) => void = () => {};
  #ended = false;

  constructor(options: TerminalOptions) {
    this.#options = { pause: later, ...options };
  }

  /** Asks once the questions before are over. @returns Null if the signal aborts first, or the input has ended. */
  ask<T>(question: Question<T>, signal: AbortSignal): Promise<T | null> {
    const asked = this.#turn.then(() => this.#ask(question, signal));
    this.#turn = asked.catch(() => {}); // a question that failed does not stop the next one
    return asked;
  }

  async #ask<T>({ asks, again, over, answerOf }: Question<T>, signal: AbortSignal): Promise<T | null> {
    const { print, pause } = this.#options;
    await (this.#open ??= (void this.#read(), pause(settlingMs)));
    if (signal.aborted || this.#ended) return null;
    const { promise, resolve } = Promise.withResolvers<T | null>();
    this.#receive = (line) => {
      const answer = line === null ? null : answerOf(line.trim());
      if (answer === undefined) print(again);
      else resolve(answer);
    };
    const stop = () => {
      print(over);
      resolve(null);
    };
    signal.addEventListener("abort", stop, { once: true });
    print(asks);
    try {
      return await promise;
    } finally {
      this.#receive = () => {};
      signal.removeEventListener("abort", stop);
    }
  }

  async #read(): Promise<void> {
    for await (const line of this.#options.lines) this.#receive(line);
    this.#ended = true;
    this.#receive(null);
  }
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
