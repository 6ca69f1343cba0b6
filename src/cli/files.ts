/**
 * Reading what a person names on the command line.
 * @module
 */
import { rename } from "node:fs/promises";
import * as v from "valibot";
import { withoutMark } from "../text/byte_order_mark.ts";
import { InputError } from "../errors.ts";

/** A text file, without a byte order mark. @throws {InputError} `field`, if the file cannot be read. */
export async function readText(field: string, path: string): Promise<string> {
  try {
    return withoutMark(await Deno.readTextFile(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.name : String(cause);
    throw new InputError(field, `expected a file that can be read, found ${why} at ${path}`, { cause });
  }
}

/** JSON of one shape. @throws {InputError} Naming the key that is wrong, missing or unknown. */
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
  const [issue] = read.issues;
  const at = [field, ...(issue.path ?? []).map((step) => String(step.key))].join(".");
  throw new InputError(
    at,
    `expected ${issue.expected === "never" ? "no such key" : issue.expected}, found ${issue.received}`,
  );
}

/** Whether there is something at `path`. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Writes a file of which nobody ever sees half; `mode` for one that is new. @throws {InputError} `field` */
export async function replaceFile(field: string, path: string, text: string, mode = 0o644): Promise<void> {
  try {
    await Deno.writeTextFile(`${path}.new`, text, { mode });
    await rename(`${path}.new`, path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.name : String(cause);
    throw new InputError(field, `expected a file that can be written, found ${why} at ${path}`, { cause });
  }
}
