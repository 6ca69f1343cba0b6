/**
 * The declarations of the package's entries, made by `deno pack`.
 * @module
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ran } from "./process.ts";

/**
 * All declarations by their paths in the package.
 *
 * @param root The folder of `deno.json`, which names the entries.
 * @throws {Error} If they cannot be made: then an entry exports something whose type is not written down.
 */
export async function declarations(root: string): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-types-"));
  try {
    const packed = join(folder, "types.tgz");
    const how = ["pack", "--quiet", "--allow-dirty", "--no-source-maps", `--output=${packed}`];
    await ran(Deno.execPath(), how, { cwd: root });
    await ran("tar", ["-xzf", packed, "-C", folder], { cwd: root });
    const from = join(folder, "package");
    const paths = (await readdir(from, { recursive: true })).filter((path) => path.endsWith(".d.ts"));
    return new Map(
      await Promise.all(paths.map(async (path) => [path, await readFile(join(from, path), "utf8")] as const)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The specifiers in a declaration, those of `import("…")` among them. */
export function importedByTypes(declaration: string): string[] {
  const code = declaration.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"([^"]+)"/g)].map(([, specifier]) => specifier!);
}
