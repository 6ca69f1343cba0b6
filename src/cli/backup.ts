/**
 * `backup`: one file with everything that makes a peer that peer.
 * @module
 */
import { defineCommand } from "citty";
import { confirmBackup, makeBackup } from "../node/backups.ts";
import { keptRoster } from "../cluster/roster/roster_store.ts";
import { InputError } from "../errors.ts";
import { writeNew } from "../identity/key_file.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import { keyRows } from "../keystore/row_names.ts";
import { openDataKey, sealedRecords } from "../store/sealed.ts";
import { sqliteStore } from "../store/sqlite.ts";
import { openKeyFile, passphraseFrom } from "./identity.ts";
import { askPassphrase } from "./secret.ts";
import { print } from "./print.ts";

export const backupCommand = defineCommand({
  meta: { name: "backup", description: "Back a peer up into one age file, and read it back" },
  args: {
    identity: { type: "string", required: true, description: "the peer's key file" },
    passphrase: { type: "string", description: "a file with the passphrase that locks the key file" },
    store: { type: "string", required: true, description: "the peer's store; the node may be running" },
    out: { type: "string", required: true, description: "the backup; never overwrites" },
    "passphrase-file": {
      type: "string",
      description: "a file with the backup's passphrase; else it is asked for",
    },
  },
  async run({ args }) {
    const identity = await openKeyFile(args.identity, await passphraseFrom(args.passphrase));
    // A mistyped name would make a new store, and a backup of nothing.
    await Deno.stat(args.store).catch(() => {
      throw new InputError("store", `expected a store at ${args.store}, found none`);
    });
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
      await writeNew("out", args.out, await makeBackup({ ...of, roster }, passphrase));
      await confirmBackup(of, await Deno.readFile(args.out), passphrase);
      const keys = (await rows.names(keyRows)).length;
      print(`${args.out}: ${identity.peer}, ${keys} ${keys === 1 ? "key" : "keys"}, read back`);
    } finally {
      await store.close();
    }
  },
});
