/**
 * The command line as a program of its own. Not a test by itself.
 * @module
 */
import { fileURLToPath } from "node:url";
export const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ended {
  code: number;
  out: string;
  sentence: string;
}

/** What it said in the end, without the lines of progress before that. */
export const atLast = ({ sentence }: Ended): string =>
  sentence.split("\n").filter((line) => !line.endsWith(" …")).join("\n");

/** Runs it to its end. */
export const quorate = (...args: string[]): Promise<Ended> => ran(args, {});

/** Runs it to its end, or for `ms`, and then ends it. */
export async function quorateWithin(ms: number, ...args: string[]): Promise<Ended> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await ran(args, { signal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function ran(args: string[], options: { signal?: AbortSignal }): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    ...options,
    args: ["run", "-A", "--quiet", "--no-check", program, ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), sentence: text(stderr) };
}
