/**
 * Asking a person for a passphrase, without showing it.
 * @module
 */
import { stdin } from "node:process";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { normalPassphrase } from "../text/passphrase.ts";
import { InputError } from "../errors.ts";
import { checkStrength, newPassphraseFrom, passphraseFrom } from "./identity.ts";

/**
 * The passphrase in the file at `path`, or the one that is typed.
 *
 * @param options.twice Whether it is new: then it must not be easily guessed, and is asked for again.
 * @throws {InputError} `passphrase`.
 */
export async function askPassphrase(
  path: string | undefined,
  { what, twice }: { what: string; twice: boolean },
): Promise<string> {
  const { passphrase } = twice ? await newPassphraseFrom(path) : await passphraseFrom(path);
  if (passphrase !== undefined) return passphrase;
  if (!Deno.stdin.isTerminal()) {
    throw new InputError("passphrase", "expected --passphrase-file where nobody can be asked, found none");
  }
  const typed = await hidden(`Passphrase of ${what}: `);
  if (twice) await checkStrength(typed);
  if (twice && normalPassphrase(typed) !== normalPassphrase(await hidden("The same again: "))) {
    throw new InputError("passphrase", "expected the same twice, found two");
  }
  return typed;
}

async function hidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  Deno.stderr.writeSync(new TextEncoder().encode(question));
  try {
    return await lines.question("");
  } finally {
    lines.close();
    console.error();
  }
}
