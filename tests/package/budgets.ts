/**
 * The sizes that programs with this package may have, as browsers receive them. Not a test by itself.
 * @module
 */
import { gzipSync } from "node:zlib";
import { esbuild, type Project } from "./project.ts";

/** One program, and its budget. */
export interface Budget {
  name: string;
  /** What it imports of each entry. */
  imports: Readonly<Record<string, readonly string[]>>;
  /** Bytes, minified and gzipped. */
  most: number;
}

const asking = ["createNode", "explain", "memoryStore", "newIdentity", "parseRoster"];
const holding = ["browserTransport", "indexedDbStore", "joinCluster", "restoreBackup", "storedIdentity"];

export const budgets: readonly Budget[] = [
  { name: "explain", imports: { ".": ["explain"] }, most: 5_000 },
  { name: "explain and verify", imports: { ".": ["explain", "verify"] }, most: 30_000 },
  {
    name: "a tab that asks for signatures",
    imports: { ".": asking, "./browser": ["webSocketsFromTab"] },
    most: 320_000,
  },
  {
    name: "a tab that holds shares",
    imports: { ".": ["createNode", "explain", "autoLock"], "./browser": holding },
    most: 325_000,
  },
  { name: "its worker", imports: { "./worker": [] }, most: 115_000 },
];

/** The size of a program, bytes: bundled by esbuild, minified, gzipped. */
export async function sizeOf(project: Project, { imports }: Budget): Promise<number> {
  const lines = Object.entries(imports).map(([entry, names], i) => {
    const from = `"@quorate/quorate${entry.slice(1)}"`;
    return names.length > 0
      ? `import { ${names.join(", ")} } from ${from}; globalThis.used${i} = [${names}];`
      : `import ${from};`;
  });
  await project.add("sized.js", lines.join("\n"));
  const how = ["--bundle", "--minify", "--format=esm", "--platform=browser", "--target=es2022"];
  const script = await esbuild(project, ["sized.js", ...how]);
  return gzipSync(script, { level: 9 }).length;
}
