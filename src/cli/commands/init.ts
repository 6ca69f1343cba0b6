/**
 * `init`: makes a new cluster of one peer: its keys, the cluster's admin key, the roster and the configuration.
 * @module
 */
import { checkName } from "../../cluster/roster/admission/join.ts";
import { formatRoster, signRoster } from "../../cluster/roster/roster.ts";
import { undialable } from "../../transport/libp2p/dialable.ts";
import { InputError } from "../../errors.ts";
import { writeNew } from "../../identity/key_file.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { print, printJson, printNote } from "../print.ts";
import { newPassphraseFrom } from "../secrets.ts";
import { makeKeyFile } from "./identity.ts";
import {
  checkFree,
  configText,
  listOf,
  makeFolder,
  nodeArguments,
  nodeFolder,
  writeConfig,
} from "../setup/node_folder.ts";

export const initCommand = defineCommand({
  meta: {
    name: "init",
    description: "Make a new cluster of one peer: its keys, the admin key, a roster and a configuration",
    examples: [
      "init alice --name Alice",
      "init alice --name Alice --listen /ip4/0.0.0.0/tcp/4001/ws --announce /dns4/alice.example.org/tcp/443/wss",
      "init alice --name Alice --passphrase words.txt",
    ],
  },
  args: {
    dir: { type: "positional", required: false, default: ".", description: "the folder to make it in" },
    name: { type: "string", required: true, description: "how the others will call this peer" },
    ...nodeArguments,
    listen: { ...nodeArguments.listen, default: "/ip4/127.0.0.1/tcp/4001/ws" },
    announce: {
      type: "string",
      description: "multiaddrs at which the others dial it, separated by commas; default: those listened on",
    },
    json,
  },
  async run({ args: { dir, name, listen, announce, approve, passphrase, json } }) {
    checkName(name);
    const rights = ["holder", "initiator", "manager"] as const;
    const entry = { name, addresses: announcedBy({ listen, announce }), rights };
    const locked = await newPassphraseFrom(passphrase);
    const folder = nodeFolder(dir);
    await checkFree(folder, ["identity", "admin", "roster", "config"]);
    await makeFolder(folder);
    const { peer } = await makeKeyFile(folder.identity, locked);
    const admin = await makeKeyFile(folder.admin, locked);
    const peers = [{ ...entry, peer }];
    const roster = formatRoster(await signRoster(admin, peers, null));
    await writeNew("roster", folder.roster, new TextEncoder().encode(roster));
    const { config } = folder;
    await writeConfig(
      config,
      configText(folder, { listen: listOf(listen), approve, passphrase, admin: true }),
    );
    if (json) printJson({ name, peer, cluster: admin.peer, version: 1, config });
    else print(`${name} is ${peer}, alone in version 1 of cluster ${admin.peer}`);
    if (passphrase === undefined) {
      printNote(
        `${folder.identity} and ${folder.admin} are not locked: anybody who can read them can act as this peer and as the admin. --passphrase locks them`,
      );
    }
    printNote(`Next: quorate run ${config}`);
  },
});

/** The addresses at which the others dial a new peer. @throws {InputError} `--listen`, `--announce` */
function announcedBy({ listen, announce }: { listen: string; announce: string | undefined }): string[] {
  const field = announce === undefined ? "--listen" : "--announce";
  const addresses = listOf(announce ?? listen);
  for (const address of addresses) {
    const why = undialable(address, ""); // nobody can know its id yet
    if (why !== null) {
      throw new InputError(field, `expected addresses that others can dial, found ${address}: ${why}`);
    }
    if (/^\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(address)) {
      throw new InputError(
        "--announce",
        `expected the addresses at which others dial it, found ${address} alone`,
      );
    }
  }
  if (new Set(addresses).size < addresses.length) {
    throw new InputError(field, `expected each address once, found ${addresses.join(", ")}`);
  }
  return addresses;
}
