/**
 * One program as one script for browsers.
 * @module
 */
import { fileURLToPath } from "node:url";

/** The oldest browsers that the product runs in. What their libraries lack, `src/platform/polyfills.ts` adds. */
export const floor = ["safari17.4", "firefox140", "chrome137"] as const;

/** The language of the scripts: all browsers of the floor parse it. */
export const language = "es2022";

const esbuild = fileURLToPath(new URL("../bin/esbuild", import.meta.resolve("esbuild")));
const how = [
  "--bundle",
  "--minify",
  "--format=esm",
  "--platform=browser",
  `--target=${[language, ...floor]}`,
  "--jsx=automatic",
  "--jsx-import-source=preact",
  "--legal-comments=none",
  "--log-level=warning",
];

/** What the scripts say of themselves. */
async function defined(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  return `--define:QUORATE_VERSION=${JSON.stringify(version)}`;
}

/**
 * Bundles and minifies `entry` with everything that it imports.
 *
 * @throws {Error} With what the bundler said.
 */
export async function bundle(entry: URL): Promise<Uint8Array<ArrayBuffer>> {
  const path = fileURLToPath(entry);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", esbuild, path, ...how, await defined()],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot bundle ${path}: ${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}
