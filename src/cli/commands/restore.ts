/**
 * `restore`: restores a peer from its backup.
 * @module
 */
import process from "node:process";
import { formatRoster } from "../../cluster/roster/roster.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { keyFileText, writeNew } from "../../identity/key_file.ts";
import { platformRandom } from "../../platform/platform.ts";
import { openBackup } from "../../node/restore.ts";
import { sqliteStore } from "../../store/sqlite.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { isThere, readBytes } from "../files.ts";
import { openKeyFile } from "./identity.ts";
import { checkStrength, passphraseFrom, secretPlace } from "../secrets.ts";
import { askPassphrase } from "../terminal/secret.ts";
import { print, printJson, printNote } from "../print.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    description: "Restore a peer from its backup; whatever is newer stays",
    examples: [
      "restore --backup alice.backup --identity alice/identity.age --store alice/shares.db --roster alice/roster.json",
    ],
  },
  args: {
    backup: { type: "string", required: true, description: "the backup" },
    "passphrase-file": {
      type: "string",
      description: `its passphrase: ${secretPlace}; without it, the passphrase is asked for`,
    },
    identity: {
      type: "string",
      required: true,
      description: "the key file to make, or the one that this peer has",
    },
    passphrase: { type: "string", description: `the passphrase that locks the key file: ${secretPlace}` },
    store: {
      type: "string",
      required: true,
      description: "the store to make, or the one that this peer has; stop its node first",
    },
    roster: { type: "string", required: true, description: "the roster file; made, if there is none" },
    json,
  },
  async run({ args }) {
    const passphrase = await askPassphrase(args["passphrase-file"], { what: "the backup", twice: false });
    const file = await readBytes("backup", args.backup);
    printNote(`opening ${args.backup} …`);
    const backup = await openBackup(file, passphrase);
    const locked = await passphraseFrom(args.passphrase);
    // Checked before the store is opened, since opening makes one.
    const there = await isKeyFileOf(backup.peer, args.identity, locked);
    if (!there && locked.passphrase !== undefined) await checkStrength(locked.passphrase);
    const store = sqliteStore(args.store);
    try {
      const { roster, keys, staysRolledBack } = await backup.restore({
        store,
        random: platformRandom,
        async keep(identity) {
          if (there) return () => Promise.resolve();
          if (locked.passphrase !== undefined) printNote(`locking ${args.identity} …`);
          const text = await keyFileText(identity, locked);
          return () => writeNew("identity", args.identity, text);
        },
      });
      if (!await isThere(args.roster)) {
        await writeNew("roster", args.roster, new TextEncoder().encode(formatRoster(roster)));
      }
      const shown = keys.map(({ wallet, scheme, epoch, state }) => ({ wallet, scheme, epoch, state }));
      if (args.json) printJson({ peer: backup.peer, keys: shown, staysRolledBack });
      else {for (const { wallet, scheme, epoch, state } of shown) {
          print(state, scheme, `epoch ${epoch}`, wallet);
        }}
      if (keys.some(({ state }) => state === "corrupt")) process.exitCode = 1;
      if (staysRolledBack) printNote(`${args.store}: ${stillSetBack}`);
    } finally {
      await store.close();
    }
  },
});

const stillSetBack =
  "this store was set back to an earlier state, and a backup does not settle that: its node takes " +
  "no sessions. Find out why it was set back; then confirm it with `quorate restored node.json --confirm`.";

/** Whether the peer's key file is there already. @throws {InputError} `identity`, if it is another peer's. */
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
