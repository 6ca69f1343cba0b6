/**
 * The imports of a script.
 * @module
 */
import type { Program } from "acorn";
import { type AnyNode, isNode, nodesOf } from "./syntax.ts";

/** One import, or the URL of a module that is started by it. */
export interface Import {
  /** The specifier as it is written: `./errors.ts`, `libp2p`. */
  specifier: string;
  /** The place of the specifier, quotes included. */
  start: number;
  end: number;
  /** Whether the module is loaded for its effects: nothing of it is imported, or it is started as a worker. */
  effect: boolean;
  /** The declaration, unless the module is imported as the program runs. */
  declaration: AnyNode | null;
}

const declarations = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"]);

/** All imports, exports of other modules, dynamic imports of a constant, and URLs of modules. */
export function importsOf(program: Program): Import[] {
  const found: Import[] = [];
  const add = (source: unknown, effect: Import["effect"], declaration: AnyNode | null = null) => {
    if (!isNode(source) || typeof source.value !== "string") return;
    const { start, end, value: specifier } = source;
    found.push({ specifier, start, end, effect, declaration });
  };
  for (const [node] of nodesOf(program)) {
    if (declarations.has(node.type)) {
      const bare = node.type === "ImportDeclaration" && (node.specifiers as unknown[]).length === 0;
      add(node.source, bare, node);
    } else if (node.type === "ImportExpression") add(node.source, false);
    else if (isModuleUrl(node)) add((node.arguments as unknown[])[0], true);
  }
  return found;
}

/** Whether a module is started by its URL, whatever the name of its base is: `new URL("./worker.ts", here)`. */
function isModuleUrl(node: AnyNode): boolean {
  if (node.type !== "NewExpression" || (node.callee as AnyNode).name !== "URL") return false;
  const [path] = node.arguments as AnyNode[];
  return /^\..*\.[jt]s$/.test(String(path?.value));
}

/** The path that a relative specifier has in the package. */
export const resolved = (specifier: string, from: string): string =>
  new URL(specifier, `file:///${from}`).pathname.slice(1);

/** The package that has a module: `@libp2p/crypto` has `@libp2p/crypto/keys`. */
const packageOf = (specifier: string): string => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];

/**
 * The packages that are loaded with a file, at once or later.
 *
 * @param imported The specifiers in a file of this path.
 */
export function packagesOf(entry: string, imported: (path: string) => readonly string[]): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const next = [entry];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const specifier of imported(path)) {
      if (specifier.startsWith(".")) next.push(resolved(specifier, path));
      else if (!specifier.startsWith("node:")) packages.add(packageOf(specifier));
    }
  }
  return packages;
}
