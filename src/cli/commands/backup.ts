/**
 * `backup`: writes one file with everything that a peer needs to be restored, and reads it back.
 * @module
 */
import { confirmBackup, makeBackup } from "../../node/backups.ts";
import { keptRoster } from "../../cluster/roster/roster_store.ts";
import { InputError } from "../../errors.ts";
import { writeNew } from "../../identity/key_file.ts";
import { platformClock, platformRandom } from "../../platform/platform.ts";
import { keyRows } from "../../keystore/row_names.ts";
import { openDataKey, sealedRecords } from "../../store/sealed.ts";
import { sqliteStore } from "../../store/sqlite.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { isThere, readBytes } from "../files.ts";
import { openKeyFile } from "./identity.ts";
import { passphraseFrom, secretPlace } from "../secrets.ts";
import { askPassphrase } from "../terminal/secret.ts";
import { print, printJson, printNote } from "../print.ts";

export const backupCommand = defineCommand({
  meta: {
    name: "backup",
    description: "Back a peer up into one age file, and read it back",
    examples: [
      "backup --identity alice/identity.age --store alice/shares.db --out alice.backup",
      "backup --identity alice/identity.age --store alice/shares.db --out alice.backup --passphrase-file words.txt",
    ],
  },
  args: {
    identity: { type: "string", required: true, description: "the peer's key file" },
    passphrase: { type: "string", description: `the passphrase that locks the key file: ${secretPlace}` },
    store: { type: "string", required: true, description: "the peer's store; the node may be running" },
    out: { type: "string", required: true, description: "the backup; never overwrites" },
    "passphrase-file": {
      type: "string",
      description: `the backup's passphrase: ${secretPlace}; without it, the passphrase is asked for`,
    },
    json,
  },
  async run({ args }) {
    const identity = await openKeyFile(args.identity, await passphraseFrom(args.passphrase));
    // With a mistyped name a new, empty store would be made and backed up.
    if (!await isThere(args.store)) {
      throw new InputError("store", `expected a store at ${args.store}, found none`);
    }
    const passphrase = await askPassphrase(args["passphrase-file"], { what: "the backup", twice: true });
    const store = sqliteStore(args.store);
    try {
      const rows = sealedRecords(
        store,
        await openDataKey(store, identity.secrets(), platformRandom),
        platformRandom,
      );
      const roster = await keptRoster(rows);
      if (roster === null) {
        throw new InputError("store", "expected one that a node has used, found a new one");
      }
      const of = { identity, rows, clock: platformClock };
      printNote(`locking ${args.out} …`);
      await writeNew("out", args.out, await makeBackup({ ...of, roster }, passphrase));
      printNote(`reading ${args.out} back …`);
      await confirmBackup(of, await readBytes("out", args.out), passphrase);
      const keys = (await rows.names(keyRows)).length;
      if (args.json) return printJson({ out: args.out, peer: identity.peer, keys });
      print(`${args.out}: ${identity.peer}, ${keys} ${keys === 1 ? "key" : "keys"}, read back`);
    } finally {
      await store.close();
    }
  },
});
