/**
 * Programs that the making of the package runs.
 * @module
 */

/** The longest that a program may take, ms: on a busy machine npm needs minutes. */
const longest = 300_000;

/**
 * Runs a program to its end.
 *
 * @returns Its standard output.
 * @throws {Error} With all that it wrote, if it fails or takes too long.
 */
export async function ran(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(longest),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`Cannot run ${program} ${args[0]}: ${text(stderr)}${text(stdout)}`);
  return text(stdout);
}
