/**
 * One program as one script for browsers.
 * @module
 */
import { fileURLToPath } from "node:url";

/**
 * Bundles and minifies `entry` with everything that it imports.
 *
 * @throws {Error} With what the bundler said.
 */
export async function bundle(entry: URL): Promise<Uint8Array<ArrayBuffer>> {
  const path = fileURLToPath(entry);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", path],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${path}: ${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}
