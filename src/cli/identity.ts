/**
 * `identity`: makes the two keys of a peer, or shows who they are.
 * @module
 */
import { defineCommand } from "citty";
import { InputError } from "../errors.ts";
import { createKeyFile, keyFile } from "../identity/key_file.ts";
import { platformRandom } from "../platform/platform.ts";
import type { Identity } from "../ports.ts";
import { readText } from "./files.ts";
import { print, tell } from "./print.ts";

const file = {
  type: "positional",
  required: true,
  description: "the key file, such as alice/identity.age",
} as const;
const passphrase = { type: "string", description: "a file with the passphrase that locks it" } as const;

/** The passphrase in a file, without the end of its line. @throws {InputError} */
export async function passphraseFrom(path: string | undefined): Promise<{ passphrase?: string }> {
  return path === undefined ? {} : { passphrase: (await readText("passphrase", path)).replace(/\r?\n$/, "") };
}

/** The same of a passphrase that is new. @throws {InputError} `passphrase`, if it is easily guessed. */
export async function newPassphraseFrom(path: string | undefined): Promise<{ passphrase?: string }> {
  const locked = await passphraseFrom(path);
  if (locked.passphrase !== undefined) await checkStrength(locked.passphrase);
  return locked;
}

/** @throws {InputError} `passphrase`, if it is easily guessed. */
export async function checkStrength(passphrase: string): Promise<void> {
  const { weakness } = await import("../text/strength.ts"); // its lists are read for new passphrases only
  const weak = weakness(passphrase);
  if (weak !== null) throw new InputError("passphrase", weak);
}

/** The identity in a key file; what is odd about the file is said on standard error. @throws {InputError} */
export function openKeyFile(path: string, locked: { passphrase?: string } = {}): Promise<Identity> {
  return keyFile(path, { ...locked, warn: (sentence) => tell(`warning: ${sentence}`) });
}

export const identityCommand = defineCommand({
  meta: { name: "identity", description: "The keys of a peer" },
  subCommands: {
    create: defineCommand({
      meta: { name: "create", description: "Make new keys; prints the peer id. Never overwrites" },
      args: { file, passphrase },
      async run({ args }) {
        const locked = await newPassphraseFrom(args.passphrase);
        const identity = await createKeyFile(args.file, { ...locked, random: platformRandom });
        print(identity.peer);
        if (locked.passphrase === undefined) {
          tell(`${args.file} is not locked: whoever can read it is this peer; --passphrase locks it`);
        }
      },
    }),
    show: defineCommand({
      meta: { name: "show", description: "Print the peer id" },
      args: { file, passphrase },
      async run({ args }) {
        print((await openKeyFile(args.file, await passphraseFrom(args.passphrase))).peer);
      },
    }),
  },
});
