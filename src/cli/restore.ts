/**
 * `restore`: makes a peer anew from its backup.
 * @module
 */
import { defineCommand } from "citty";
import { formatRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { keyFileText, writeNew } from "../identity/key_file.ts";
import { platformRandom } from "../platform/platform.ts";
import { openBackup } from "../node/restore.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { checkStrength, openKeyFile, passphraseFrom } from "./identity.ts";
import { askPassphrase } from "./secret.ts";
import { print } from "./print.ts";

export const restoreCommand = defineCommand({
  meta: { name: "restore", description: "Make a peer anew from its backup. What is newer stays" },
  args: {
    backup: { type: "string", required: true, description: "the backup" },
    "passphrase-file": { type: "string", description: "a file with its passphrase; else it is asked for" },
    identity: { type: "string", required: true, description: "the key file to make, or the same peer's" },
    passphrase: { type: "string", description: "a file with the passphrase that locks the key file" },
    store: {
      type: "string",
      required: true,
      description: "the store to make, or the same peer's; stop its node",
    },
    roster: { type: "string", required: true, description: "the roster file to make, if there is none" },
  },
  async run({ args }) {
    const passphrase = await askPassphrase(args["passphrase-file"], { what: "the backup", twice: false });
    const file = await Deno.readFile(args.backup).catch((cause) => {
      const why = cause instanceof Error ? cause.name : String(cause);
      throw new InputError("backup", `expected a file that can be read, found ${why} at ${args.backup}`);
    });
    const backup = await openBackup(file, passphrase);
    const locked = await passphraseFrom(args.passphrase);
    // Before the store: that is made by being opened.
    const there = await isKeyFileOf(backup.peer, args.identity, locked);
    if (!there && locked.passphrase !== undefined) await checkStrength(locked.passphrase);
    const store = sqliteStore(args.store);
    try {
      const { roster, keys } = await backup.restore({
        store,
        random: platformRandom,
        async keep(identity) {
          if (there) return () => Promise.resolve();
          const text = await keyFileText(identity, locked);
          return () => writeNew("identity", args.identity, text);
        },
      });
      if (!await isThere(args.roster)) {
        await writeNew("roster", args.roster, new TextEncoder().encode(formatRoster(roster)));
      }
      for (const { wallet, curve, epoch, state } of keys) {
        print(state, curve, `epoch ${epoch}`, wallet);
      }
      if (keys.some(({ state }) => state === "corrupt")) Deno.exitCode = 1;
    } finally {
      await store.close();
    }
  },
});

/** Whether the peer's key file is there already. @throws {InputError} `identity`, if it is another's. */
async function isKeyFileOf(
  peer: PeerId,
  path: string,
  locked: { passphrase?: string },
): Promise<boolean> {
  if (!await isThere(path)) return false;
  const found = await openKeyFile(path, locked);
  if (found.peer !== peer) throw new InputError("identity", `expected ${peer}, found ${found.peer}`);
  return true;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
