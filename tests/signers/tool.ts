/**
 * Programs of the system that verify signatures: `ssh-keygen` and `openssl`. Not a test by itself.
 * @module
 */
import { installDebian, onPath } from "../../e2e/debian.ts";

/** The Debian package of each program. */
const packages = { "ssh-keygen": "openssh-client", openssl: "openssl" } as const;

/**
 * Runs one, and fetches it first where that is possible.
 *
 * @returns Its standard output.
 * @throws {Error} What to install; or, if it ends with another code than 0, what it said.
 */
export async function runTool(
  name: keyof typeof packages,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<string> {
  const found = () => onPath([name]);
  const path = await found() ?? (await installDebian(packages[name]) ? await found() : null);
  if (path === null) throw new Error(`Cannot find ${name}: install ${packages[name]}`);
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(path, { args: [...args], ...piped }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(input).then(() => writer.close(), (error) => {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // it needed no input
  });
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${said}${new TextDecoder().decode(stderr)}`);
  return said;
}
