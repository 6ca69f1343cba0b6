/**
 * The stock age tool: found, or fetched, or asked for in one sentence.
 * @module
 */

/** The program's name. @throws {Error} One sentence that says what to install. */
export async function findAge(): Promise<string> {
  if (await runs("age", "--version")) return "age";
  const mayInstall = Deno.build.os === "linux" && Deno.uid() === 0 && await runs("apt-get", "--version");
  if (mayInstall) {
    await runs("apt-get", "update");
    if (await runs("apt-get", "install", "--yes", "--no-install-recommends", "age")) return "age";
  }
  throw new Error("No age was found on PATH: install it (Debian: `apt-get install age`).");
}

async function runs(program: string, ...args: string[]): Promise<boolean> {
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    return (await new Deno.Command(program, { args, env, stdin: "null", stdout: "null", stderr: "null" })
      .output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
