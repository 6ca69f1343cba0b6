/**
 * The files that a person names on the command line: read, checked and replaced.
 * @module
 */
import { lstat, readFile, rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import * as v from "valibot";
import { withoutMark } from "../text/byte_order_mark.ts";
import { InputError } from "../errors.ts";
import { codeOf, ifThere } from "../platform/system_errors.ts";

/** The path that names standard input, also where the system has no such file. */
export const standardInputPath = "/dev/stdin";

/**
 * The bytes of a file, or of standard input (`/dev/stdin`).
 *
 * @throws {InputError} `field`, if it cannot be read, or something else was read from standard input before.
 */
export async function readBytes(field: string, path: string): Promise<Uint8Array> {
  if (path === standardInputPath && process.stdin.readableEnded) {
    throw new InputError(
      field,
      "expected it on standard input, found that everything there was read for something else",
    );
  }
  try {
    // Deno opens standard input by its path with all permissions only.
    return path === standardInputPath ? await standardInput() : new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new InputError(field, `expected a file that can be read, found ${foundAt(path, cause)}`, { cause });
  }
}

/** Everything that is left of standard input. */
export async function standardInput(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array);
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** A text file, without a byte order mark. @throws {InputError} `field`, if the file cannot be read. */
export async function readText(field: string, path: string): Promise<string> {
  return withoutMark(new TextDecoder().decode(await readBytes(field, path)));
}

/** A JSON file of the given shape. @throws {InputError} Names the key that is wrong, missing or unknown. */
export async function readJson<S extends v.GenericSchema>(
  field: string,
  path: string,
  shape: S,
): Promise<v.InferOutput<S>> {
  let json: unknown;
  try {
    json = JSON.parse(await readText(field, path));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(field, `expected JSON, found something else in ${path}`, { cause });
  }
  const read = v.safeParse(shape, json);
  if (read.success) return read.output;
  const { path: at, expected, received } = innermost(read.issues[0]);
  const wanted = expected === "never" ? "no such key" : expected;
  throw new InputError([field, ...at].join("."), `expected ${wanted}, found ${received}`);
}

/** One thing that is wrong with a value: where, and what. */
interface Problem {
  path: string[];
  expected: string | null;
  received: string;
}

/**
 * The problem of a value of several allowed shapes: that of the shape which agrees with the value in most levels. An
 * unknown or a missing key alone only says that another shape was meant.
 */
function innermost({ path, expected, received, issues }: v.BaseIssue<unknown>): Problem {
  const own = (path ?? []).map(({ key }) => String(key));
  const inside = (issues ?? []).map(innermost)
    .filter((one) => one.path.length > 1 || (one.path.length === 1 && !isOfKey(one)))
    .sort((one, other) => other.path.length - one.path.length);
  const [deepest] = inside;
  return deepest ? { ...deepest, path: [...own, ...deepest.path] } : { path: own, expected, received };
}

const isOfKey = ({ expected, received }: Problem): boolean =>
  expected === "never" || received === "undefined";

/** True if there is something at `path`. */
export const isThere = async (path: string): Promise<boolean> => await ifThere(lstat(path)) !== null;

/**
 * Replaces a file in one step, so that nobody reads half of it, also after a crash; `mode` for a new file.
 *
 * @throws {InputError} `field`
 */
export async function replaceFile(field: string, path: string, text: string, mode = 0o644): Promise<void> {
  try {
    await rm(`${path}.new`, { force: true }); // what an earlier try, or somebody else, has left
    await writeFile(`${path}.new`, text, { mode, flag: "wx", flush: true });
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new InputError(field, `expected a file that can be written, found ${foundAt(path, cause)}`, {
      cause,
    });
  }
}

const reasons = new Map([
  ["ENOENT", "nothing there"],
  ["EACCES", "that access is denied"],
  ["EPERM", "that access is denied"],
  ["EISDIR", "a folder"],
  ["EROFS", "a read-only disk"],
]);

function foundAt(path: string, cause: unknown): string {
  const code = codeOf(cause);
  const name = cause instanceof Error ? cause.name : String(cause);
  return `${reasons.get(code ?? "") ?? code ?? name} at ${path}`;
}
