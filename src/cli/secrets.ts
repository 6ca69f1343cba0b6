/**
 * The secrets that a person names on the command line or in a configuration: in a file, on standard input
 * (`/dev/stdin`) or in an environment variable (`env:NAME`).
 * @module
 */
import process from "node:process";
import { InputError } from "../errors.ts";
import { readText, standardInputPath } from "./files.ts";

/** The way to name a secret, for help. */
export const secretPlace = "a file, /dev/stdin or env:NAME";

/** The beginning of a place that is an environment variable. */
const variable = "env:";

/** Whether a place is an environment variable. */
export const isVariable = (place: string): boolean => place.startsWith(variable);

/**
 * The secret at a place, without its line end.
 *
 * @throws {InputError} `field`, never with the secret, nor with the place: somebody may have written the secret there.
 */
export async function secretAt(field: string, place: string): Promise<string> {
  const name = place.slice(variable.length);
  const found = isVariable(place) ? process.env[name] : await secretIn(field, place);
  if (found === undefined) {
    throw new InputError(field, `expected the environment variable ${name}, found none`);
  }
  const secret = found.replace(/\r?\n$/, "");
  if (secret === "") throw new InputError(field, `expected ${secretPlace}, found an empty one`);
  return secret;
}

async function secretIn(field: string, file: string): Promise<string> {
  try {
    return await readText(field, file);
  } catch (cause) {
    if (!(cause instanceof InputError) || file === standardInputPath) throw cause;
    throw new InputError(field, `expected ${secretPlace}, found a file that cannot be read`, { cause });
  }
}

/** The passphrase at a place, if one is named. @throws {InputError} `passphrase` */
export async function passphraseFrom(place: string | undefined): Promise<{ passphrase?: string }> {
  return place === undefined ? {} : { passphrase: await secretAt("passphrase", place) };
}

/** The same for a new passphrase. @throws {InputError} `passphrase`, if it is easily guessed. */
export async function newPassphraseFrom(place: string | undefined): Promise<{ passphrase?: string }> {
  const locked = await passphraseFrom(place);
  if (locked.passphrase !== undefined) await checkStrength(locked.passphrase);
  return locked;
}

/** Refuses a weak passphrase. @throws {InputError} `passphrase`, if it is easily guessed. */
export async function checkStrength(passphrase: string): Promise<void> {
  const { weakness } = await import("../text/strength.ts"); // its word lists are loaded for new passphrases only
  const weak = weakness(passphrase);
  if (weak !== null) throw new InputError("passphrase", weak);
}
