/**
 * The module graph of this project as `deno info` sees it: what imports what, types included. Not a test by itself.
 * @module
 */
import { fileURLToPath } from "node:url";
export interface Module {
  /** Relative to the project: `src/node/assemble.ts`. */
  path: string;
  /** Modules of this project that it imports, in any way. */
  imports: string[];
  /** Those whose code it needs when it runs. */
  runs: string[];
  /** Names of npm packages, and `node:…`. */
  packages: string[];
}

const root = new URL("../../", import.meta.url);

interface Info {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** All modules of `src/` and `web/`, and `mod.ts`, by path. */
export async function graph(): Promise<Map<string, Module>> {
  const files = ["mod.ts", ...await under("src"), ...await under("web")];
  const start = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      start,
      files.map((path) => `import ${JSON.stringify(new URL(path, root))};`).join("\n"),
    );
    const config = fileURLToPath(new URL("deno.json", root));
    const args = ["info", "--json", "--config", config, start];
    const { stdout, success } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    if (!success) throw new Error("Cannot read the module graph: deno info failed");
    const info = JSON.parse(new TextDecoder().decode(stdout)) as Info;
    return new Map(info.modules.filter(({ specifier }) => isOwn(specifier)).map(read));
  } finally {
    await Deno.remove(start);
  }
}

const isManifest = (specifier: string) => specifier === new URL("deno.json", root).href;
const isOwn = (specifier: string) => specifier.startsWith(root.href) && !isManifest(specifier);

function read({ specifier, error, dependencies = [] }: Info["modules"][number]): [string, Module] {
  const path = specifier.slice(root.href.length);
  if (error) throw new Error(`Cannot read ${path}: ${error}`);
  const module: Module = { path, imports: [], runs: [], packages: [] };
  for (const { specifier: written, code, type } of dependencies) {
    const to = code?.specifier ?? type?.specifier;
    if (!to) throw new Error(`Cannot resolve ${written} in ${path}`);
    if (isManifest(to)) continue;
    if (!isOwn(to)) module.packages.push(packageOf(to));
    else {
      module.imports.push(to.slice(root.href.length));
      if (code) module.runs.push(to.slice(root.href.length));
    }
  }
  return [path, module];
}

/** `npm:/@noble/curves@2.4.0/ed25519.js` is `@noble/curves`. */
const packageOf = (specifier: string) => specifier.replace(/^npm:\/?/, "").replace(/(.)@.*/, "$1");

async function under(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) files.push(...await under(`${folder}/${name}`));
    else if (/\.tsx?$/.test(name)) files.push(`${folder}/${name}`);
  }
  return files;
}

/** Everything that is loaded when `entry` is: workers, which are started by URL, are entries of their own. */
export function reached(modules: ReadonlyMap<string, Module>, entry: string): Set<string> {
  return along(modules, entry, ({ runs }) => runs);
}

/** Everything that the type checker reads for `entry`. */
export function reachedByTypes(modules: ReadonlyMap<string, Module>, entry: string): Set<string> {
  return along(modules, entry, ({ imports }) => imports);
}

function along(
  modules: ReadonlyMap<string, Module>,
  entry: string,
  from: (module: Module) => readonly string[],
): Set<string> {
  const seen = new Set<string>();
  const next = [entry];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    next.push(...from(modules.get(path)!));
  }
  return seen;
}

/** The source of a module. */
export const source = (path: string): Promise<string> => Deno.readTextFile(new URL(path, root));
