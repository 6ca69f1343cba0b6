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

/** Runs it to its end. */
export async function quorate(...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", program, ...args],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), sentence: text(stderr) };
}
