/**
 * The symbols of `using` without a global polyfill in each entry: a script that uses them imports
 * `src/platform/symbols.ts` itself. So a program that only explains or verifies adds nothing to JavaScript's library.
 * @module
 */

/** The module that adds the symbols, by its path in the package. */
export const symbolsPath = "src/platform/symbols.js";

/** `[Symbol.dispose]` of a class, and the function into which esbuild compiles `using`. */
const uses = /\bSymbol\.(asyncDispose|dispose)\b|\b__knownSymbol\b/;

/**
 * The import that goes above a script, before all others; or nothing.
 *
 * @param path Its path in the package.
 */
export function symbolsImport(script: string, path: string): string {
  if (!uses.test(script)) return "";
  return `import "${"../".repeat(path.split("/").length - 1) || "./"}${symbolsPath}";\n`;
}
