/**
 * `identity`: makes the two keys of a peer, or prints its peer id.
 * @module
 */
import { createKeyFile, keyFile } from "../../identity/key_file.ts";
import { platformRandom } from "../../platform/platform.ts";
import type { Identity } from "../../ports.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { print, printJson, printNote } from "../print.ts";
import { newPassphraseFrom, passphraseFrom, secretPlace } from "../secrets.ts";

const file = {
  type: "positional",
  required: true,
  description: "the key file, such as alice/identity.age",
} as const;
const passphrase = { type: "string", description: `the passphrase that locks it: ${secretPlace}` } as const;

/**
 * The identity in a key file. Warnings about the file go to standard error.
 *
 * @param note Takes a line before the two seconds of a passphrase's work, during which nothing else happens here.
 * @throws {InputError}
 */
export function openKeyFile(
  path: string,
  locked: { passphrase?: string } = {},
  note: (line: string) => void = printNote,
): Promise<Identity> {
  if (locked.passphrase !== undefined) note(`opening ${path} …`);
  return keyFile(path, { ...locked, warn: (sentence) => printNote(`warning: ${sentence}`) });
}

/** Makes a key file, and says so on standard error if its passphrase takes two seconds. @throws {InputError} */
export function makeKeyFile(path: string, locked: { passphrase?: string }): Promise<Identity> {
  if (locked.passphrase !== undefined) printNote(`locking ${path} …`);
  return createKeyFile(path, { ...locked, random: platformRandom });
}

export const identityCommand = defineCommand({
  meta: {
    name: "identity",
    description: "The keys of a peer",
    examples: ["identity create bob/identity.age", "identity show bob/identity.age"],
  },
  subCommands: {
    create: defineCommand({
      meta: {
        name: "create",
        description: "Make new keys; prints the peer id. Never overwrites",
        examples: [
          "identity create bob/identity.age",
          "identity create bob/identity.age --passphrase words.txt",
        ],
      },
      args: { file, passphrase, json },
      async run({ args }) {
        const locked = await newPassphraseFrom(args.passphrase);
        const identity = await makeKeyFile(args.file, locked);
        if (args.json) printJson({ peer: identity.peer, locked: locked.passphrase !== undefined });
        else print(identity.peer);
        if (locked.passphrase === undefined) {
          printNote(
            `${args.file} is not locked: anybody who can read it can act as this peer. --passphrase locks it`,
          );
        }
      },
    }),
    show: defineCommand({
      meta: {
        name: "show",
        description: "Print the peer id",
        examples: ["identity show alice/identity.age"],
      },
      args: { file, passphrase, json },
      async run({ args }) {
        const { peer } = await openKeyFile(args.file, await passphraseFrom(args.passphrase));
        if (args.json) printJson({ peer });
        else print(peer);
      },
    }),
  },
});
