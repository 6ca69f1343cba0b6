/**
 * `join`: asks to be let into a cluster, and writes its roster to a file.
 * @module
 */
import { checkName } from "../../cluster/roster/admission/join.ts";
import { parseInvitation } from "../../cluster/roster/admission/invitation_link.ts";
import { formatRoster } from "../../cluster/roster/roster.ts";
import { InputError } from "../../errors.ts";
import { join } from "../../node/join.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { defineCommand, json } from "../arguments/command.ts";
import { isThere, readText, replaceFile, standardInputPath } from "../files.ts";
import { makeKeyFile, openKeyFile } from "./identity.ts";
import { newPassphraseFrom, passphraseFrom } from "../secrets.ts";
import { print, printJson, printNote } from "../print.ts";
import {
  checkFree,
  configText,
  isWritten,
  listOf,
  makeFolder,
  nodeArguments,
  type NodeFolder,
  nodeFolder,
  writeConfig,
} from "../setup/node_folder.ts";

export const joinCommand = defineCommand({
  meta: {
    name: "join",
    description: "Ask to be let into a cluster, and make what a node of it needs",
    examples: [
      "join - bob --name Bob < bob.link",
      "join - bob --name Bob --listen /ip4/127.0.0.1/tcp/4002/ws --passphrase words.txt < bob.link",
      "join - --name Bob --identity bob/identity.age --roster bob/roster.json < bob.link",
    ],
  },
  args: {
    invitation: {
      type: "positional",
      required: true,
      description: "the link, or the part of it after #; - reads it from standard input",
    },
    dir: {
      type: "positional",
      required: false,
      description: "the folder to make key file, roster and node.json in",
    },
    name: { type: "string", required: true, description: "how the others will call this peer" },
    ...nodeArguments,
    listen: { ...nodeArguments.listen, default: "" },
    json,
    identity: { type: "string", description: "instead of a folder: its key file; made if there is none" },
    roster: { type: "string", description: "instead of a folder: the roster file to make" },
  },
  async run({ args }) {
    const { passphrase, approve } = args;
    const given = args.invitation === "-" ? await readText("invitation", standardInputPath) : args.invitation;
    const invitation = parseInvitation(given);
    checkName(args.name);
    const folder = await folderOf(args);
    const settings = { listen: listOf(args.listen), approve, passphrase, admin: false };
    const config = folder.config === undefined
      ? null
      : { path: folder.config, text: configText(folder, settings) };
    if (config !== null) await isWritten(config.path, config.text); // before anybody is asked
    const isNew = !await isThere(folder.identity);
    const locked = isNew ? await newPassphraseFrom(passphrase) : await passphraseFrom(passphrase);
    if (config !== null) await makeFolder(folder);
    const identity = isNew
      ? await makeKeyFile(folder.identity, locked)
      : await openKeyFile(folder.identity, locked);
    const roster = await join(webSockets({ listen: [] }), identity, invitation, {
      name: args.name,
      waiting(words) {
        printNote(
          "Read these four words to the person who invited you, and wait until that person lets you in:",
        );
        printNote(`\n  ${words.join(" ")}\n`);
      },
    });
    // The roster comes last: without it the same command goes on, and with it the folder is whole.
    if (config !== null) await writeConfig(config.path, config.text);
    await replaceFile("roster", folder.roster, formatRoster(roster));
    const { name } = roster.peers.find(({ peer }) => peer === identity.peer)!;
    const { cluster, version } = roster;
    if (args.json) printJson({ name, peer: identity.peer, cluster, version, config: folder.config });
    else print(`${name} is in version ${version} of cluster ${cluster}`);
    if (config !== null) printNote(`Next: quorate run ${config.path}`);
  },
});

/** The files to make: those of a folder, or two that are named. @throws {InputError} `dir`, `roster` */
async function folderOf(
  { dir, identity, roster }: {
    dir?: string | undefined;
    identity?: string | undefined;
    roster?: string | undefined;
  },
): Promise<Pick<NodeFolder, "path" | "identity" | "roster"> & { config?: string }> {
  if (dir !== undefined && identity === undefined && roster === undefined) {
    const folder = nodeFolder(dir);
    await checkFree(folder, ["roster"]);
    return folder;
  }
  if (dir !== undefined || identity === undefined || roster === undefined) {
    const found = dir === undefined ? "neither" : "both";
    throw new InputError("dir", `expected a folder, or --identity and --roster, found ${found}`);
  }
  if (await isThere(roster)) {
    throw new InputError("roster", `expected to make ${roster}, found that something is there already`);
  }
  return { path: ".", identity, roster };
}
