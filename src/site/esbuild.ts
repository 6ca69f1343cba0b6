/**
 * esbuild as a process.
 * @module
 */
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../bin/esbuild", import.meta.resolve("esbuild")));

/**
 * Runs esbuild.
 *
 * @param what What it is to do, for the error: `bundle app.ts`.
 * @returns What it writes to its standard output.
 * @throws {Error} With its message.
 */
export async function esbuild(args: readonly string[], what: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", program, ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot ${what}: ${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}
