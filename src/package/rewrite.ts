/**
 * The scripts of the package: they import no TypeScript and no JSON, and need no hex of a newer `Uint8Array`.
 * @module
 */
import { hexCalls } from "./hex.ts";
import { type Import, importsOf, resolved } from "./imports.ts";
import { symbolsImport } from "./symbols.ts";
import { type AnyNode, type Change, changed, parsed } from "./syntax.ts";

/** The module that no script of the package imports: each imports the part of it that it uses. */
const polyfills = "src/platform/polyfills.js";

/**
 * One script as it is in the package.
 *
 * @param path Its path, such as `src/errors.js`.
 * @param script The script, in ES2022 except for the attributes of imports.
 * @param json The JSON that it may import, by path.
 * @throws {SyntaxError} If its language is newer.
 * @throws {Error} If it cannot be rewritten.
 */
export function rewritten(path: string, script: string, json: ReadonlyMap<string, unknown>): string {
  const program = parsed(script, 2025);
  const hex = hexCalls(script, program, path);
  const imports = importsOf(program).map((one) => importChange(one, path, json));
  const start = /^(#!.*\n)?/.exec(script)![0].length; // after the line by which a system finds its runtime
  const above = { start, end: start, text: symbolsImport(script, path) + hex.imports };
  const text = changed(script, [above, ...imports, ...hex.changes]);
  parsed(text, 2022);
  return text;
}

function importChange(one: Import, path: string, json: ReadonlyMap<string, unknown>): Change {
  const { specifier, start, end, declaration } = one;
  if (specifier.endsWith(".json")) {
    return inlined(declaration, json.get(resolved(specifier, path)), specifier);
  }
  if (!specifier.startsWith(".")) return { start, end, text: JSON.stringify(specifier) };
  const script = specifier.replace(/\.ts$/, ".js");
  if (declaration !== null && resolved(script, path) === polyfills) {
    return { start: declaration.start, end: declaration.end, text: "" };
  }
  return { start, end, text: JSON.stringify(script) };
}

/** The import of a JSON file becomes a constant. */
function inlined(declaration: AnyNode | null, content: unknown, specifier: string): Change {
  const [only, ...others] = (declaration?.specifiers ?? []) as AnyNode[];
  if (!declaration || content === undefined || others.length > 0 || only?.type !== "ImportDefaultSpecifier") {
    throw new Error(`Cannot rewrite the import of ${specifier}: expected a default import of a known file`);
  }
  const text = `const ${(only.local as AnyNode).name} = ${JSON.stringify(content)};`;
  return { start: declaration.start, end: declaration.end, text };
}
