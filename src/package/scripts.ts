/**
 * The scripts of the package: those that its entries reach, file by file, in the language of its oldest runtimes.
 * @module
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { language } from "../site/bundle.ts";
import { esbuild } from "../site/esbuild.ts";
import { type Import, importsOf, resolved } from "./imports.ts";
import { rewritten } from "./rewrite.ts";
import { nodesOf, parsed } from "./syntax.ts";

/** Scripts, and what they need. */
export interface Scripts {
  /** Each script by its path in the package. */
  files: ReadonlyMap<string, string>;
  /**
   * The modules that are loaded for their effects. Each script loads those that it needs itself, so it has no effect of its
   * own, and a bundler may leave it out with them.
   */
  withEffects: ReadonlySet<string>;
}

/**
 * The scripts that `entries` reach.
 *
 * @param all All sources, as {@linkcode compiledSources} returns them.
 * @param entries Paths of scripts, such as `mod.js`.
 * @param json The JSON files that they may import, by path.
 * @throws {Error} If one cannot be rewritten, or imports a file that is none of the sources.
 */
export function reachedScripts(
  all: ReadonlyMap<string, string>,
  entries: readonly string[],
  json: ReadonlyMap<string, unknown>,
): Scripts {
  const files = new Map<string, string>();
  const withEffects = new Set<string>();
  const next = [...entries];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (files.has(path)) continue;
    const script = all.get(path);
    if (script === undefined) throw new Error(`Cannot make the package: there is no source of ${path}`);
    const text = rewritten(path, script, json);
    files.set(path, text);
    for (const { specifier, effect } of own(importsOf(parsed(text, 2022)))) {
      const to = resolved(specifier, path);
      next.push(to);
      if (effect) withEffects.add(to);
    }
  }
  return { files, withEffects };
}

const own = (imports: readonly Import[]) => imports.filter(({ specifier }) => specifier.startsWith("."));

/** Whether a script uses `Deno`, so that no other runtime can run it. */
export function usesDeno(script: string): boolean {
  return [...nodesOf(parsed(script, 2022))].some(([node, parent]) =>
    node.name === "Deno" && !(parent?.type === "MemberExpression" && parent.property === node)
  );
}

/** All sources as scripts that still import TypeScript. @throws {Error} If one cannot be compiled. */
export async function compiledSources(root: string): Promise<ReadonlyMap<string, string>> {
  const sources = await readdir(join(root, "src"), { recursive: true });
  const paths = ["mod.ts", ...sources.filter((path) => path.endsWith(".ts")).map((path) => `src/${path}`)];
  const out = await mkdtemp(join(tmpdir(), "quorate-package-"));
  try {
    const how = [
      "--format=esm",
      `--target=${language}`,
      "--supported:import-attributes=true",
      "--log-level=warning",
      `--outbase=${root}`,
      `--outdir=${out}`,
    ];
    await esbuild([...paths.map((path) => join(root, path)), ...how], "compile the package");
    const scripts = paths.map((path) => path.replace(/\.ts$/, ".js"));
    return new Map(
      await Promise.all(
        scripts.map(async (path) => [path, await readFile(join(out, path), "utf8")] as const),
      ),
    );
  } finally {
    await rm(out, { recursive: true });
  }
}

/** The specifiers in a script. */
export const importedBy = (script: string): string[] =>
  importsOf(parsed(script, 2022)).map(({ specifier }) => specifier);
