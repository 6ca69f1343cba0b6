/**
 * The npm package: one folder with everything that is in its tarball.
 * @module
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DenoManifest, manifestOf } from "./manifest.ts";
import { ran } from "./process.ts";
import { packedDocument } from "./readme.ts";
import { packagesOf } from "./imports.ts";
import { compiledSources, importedBy, reachedScripts, usesDeno } from "./scripts.ts";
import { declarations, importedByTypes } from "./types.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The texts that come along as they are. */
const texts = ["LICENSE", "node.schema.json"];

/** The documents, whose links lead to what the package has. */
const documents = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "docs/failures.md",
  "docs/measured.md",
  "docs/operating.md",
  "docs/package.md",
  "docs/signers.md",
  "docs/threat_model.md",
];

/** The program that `npx` runs, if Node can. */
const program = "src/cli/main.js";

/** A tarball that was made. */
export interface Tarball {
  /** Its path. */
  path: string;
  /** Bytes, compressed and not. */
  size: number;
  unpackedSize: number;
  /** The number of its files. */
  files: number;
}

/**
 * Makes the tarball, as `npm publish` would send it.
 *
 * @param to The folder that it is written to; one of the same version is replaced.
 * @throws {Error} If the sources cannot be packed. It says why.
 */
export async function makePackage(to: string): Promise<Tarball> {
  const folder = await Deno.makeTempDir({ prefix: "quorate-package-" });
  try {
    for (const [path, text] of await packageFiles()) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await Promise.all(texts.map((path) => copyFile(join(root, path), join(folder, path))));
    await mkdir(to, { recursive: true });
    const destination = `--pack-destination=${await Deno.realPath(to)}`;
    const [made] = JSON.parse(
      await ran("npm", ["pack", "--json", "--ignore-scripts", destination], { cwd: folder }),
    );
    const { filename, size, unpackedSize, entryCount } = made;
    return { path: join(to, filename.replace(/^@(.*)\//, "$1-")), size, unpackedSize, files: entryCount };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files of the package that are made, by path. */
async function packageFiles(): Promise<Map<string, string>> {
  const deno: DenoManifest = JSON.parse(await readFile(join(root, "deno.json"), "utf8"));
  const { name, version, exports } = deno;
  const entries = Object.values(exports).map((path) => path.slice(2).replace(/\.ts$/, ".js"));
  const json = new Map([["deno.json", { name, version }]]);
  const [sources, types] = await Promise.all([compiledSources(root), declarations(root)]);
  const withProgram = reachedScripts(sources, [...entries, program], json);
  const hasProgram = ![...withProgram.files.values()].some(usesDeno);
  const scripts = hasProgram ? withProgram : reachedScripts(sources, entries, json);
  const files = new Map([...scripts.files, ...types]);
  const needsOf = (script: string) => packagesOf(script, (path) => importedBy(scripts.files.get(path)!));
  const typesOf = (script: string) =>
    packagesOf(
      script.replace(/\.js$/, ".d.ts"),
      (path) => importedByTypes(types.get(path.replace(/\.js$/, ".d.ts"))!),
    );
  const manifest = manifestOf({
    deno,
    needs: Object.keys(exports).map((entry, i) => ({
      entry,
      packages: new Set([...needsOf(entries[i]!), ...typesOf(entries[i]!)]),
    })),
    program: hasProgram ? { path: program, packages: needsOf(program) } : null,
    withEffects: scripts.withEffects,
  });
  files.set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  const has = new Set([...files.keys(), ...texts, ...documents]);
  for (const path of documents) {
    const text = await readFile(join(root, path), "utf8");
    files.set(path, packedDocument(text, { path, name, exports, has }));
  }
  return files;
}
