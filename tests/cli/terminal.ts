/**
 * A terminal with a person who types, and what is printed there. Not a test by itself.
 * @module
 */
import { TerminalQuestions } from "../../src/cli/terminal/questions.ts";

export function terminal() {
  const typed = new TransformStream<string, string>(undefined, undefined, { highWaterMark: 8 });
  const keys = typed.writable.getWriter();
  async function* lines() {
    yield* typed.readable;
  }
  const said: string[] = [];
  const settled = Promise.withResolvers<void>();
  const questions = new TerminalQuestions({
    lines: lines(),
    print: (text) => said.push(text),
    pause: () => settled.promise,
  });
  return {
    questions,
    said,
    type: (line: string) => keys.write(line),
    close: () => keys.close(),
    settle: settled.resolve,
  };
}

/** Lets everything that was typed be read. */
export const rest = () => new Promise((resolve) => setTimeout(resolve));
