/**
 * The question for a passphrase, which is not shown while it is typed.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { normalPassphrase } from "../../text/passphrase.ts";
import { InputError } from "../../errors.ts";
import { checkStrength, newPassphraseFrom, passphraseFrom } from "../secrets.ts";

/**
 * The passphrase at a place, or the one that is typed.
 *
 * @param options.twice Whether it is new: then a weak one is refused, and it is asked for a second time.
 * @throws {InputError} `passphrase`.
 */
export async function askPassphrase(
  place: string | undefined,
  { what, twice }: { what: string; twice: boolean },
): Promise<string> {
  const { passphrase } = twice ? await newPassphraseFrom(place) : await passphraseFrom(place);
  if (passphrase !== undefined) return passphrase;
  if (!process.stdin.isTTY) {
    throw new InputError("passphrase", "expected --passphrase-file where nobody can be asked, found none");
  }
  const typed = await hidden(`Passphrase of ${what}: `);
  if (twice) await checkStrength(typed);
  if (twice && normalPassphrase(typed) !== normalPassphrase(await hidden("The same again: "))) {
    throw new InputError("passphrase", "expected the same passphrase twice, found two different ones");
  }
  return typed;
}

/** The line that is typed without being shown. @throws {InputError} `passphrase`, if the person breaks it off. */
async function hidden(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once(
        "close",
        () => reject(new InputError("passphrase", "expected one, found that it was broken off")),
      );
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
