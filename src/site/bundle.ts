/**
 * The bundler: one program becomes one script for browsers.
 * @module
 */
import { fileURLToPath } from "node:url";
import { version } from "../platform/version.ts";
import { esbuild } from "./esbuild.ts";

/** The oldest supported browsers. `src/platform/polyfills.ts` adds what their libraries lack. */
export const floor = ["safari17.4", "firefox140", "chrome137"] as const;

/** The language of the scripts, which all supported browsers parse. */
export const language = "es2022";

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
  `--define:QUORATE_VERSION=${JSON.stringify(version)}`,
];

/**
 * Bundles and minifies `entry` with everything that it imports.
 *
 * @throws {Error} With the bundler's message.
 */
export function bundle(entry: URL): Promise<Uint8Array<ArrayBuffer>> {
  const path = fileURLToPath(entry);
  return esbuild([path, ...how], `bundle ${path}`);
}
