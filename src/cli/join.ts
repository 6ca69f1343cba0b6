/**
 * `join`: asks to be let into a cluster, and writes down its roster.
 * @module
 */
import { defineCommand } from "citty";
import { checkName, parseInvitation } from "../cluster/roster/join.ts";
import { formatRoster } from "../cluster/roster/roster.ts";
import { InputError } from "../errors.ts";
import { createKeyFile } from "../identity/key_file.ts";
import { join } from "../node/join.ts";
import { platformRandom } from "../platform/platform.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import { isThere, replaceFile } from "./files.ts";
import { newPassphraseFrom, openKeyFile, passphraseFrom } from "./identity.ts";
import { print, tell } from "./print.ts";

export const joinCommand = defineCommand({
  meta: { name: "join", description: "Ask to be let into a cluster, and write down its roster" },
  args: {
    invitation: {
      type: "positional",
      required: true,
      description: "the link, or what follows # in it; - reads it from standard input",
    },
    name: { type: "string", required: true, description: "how the others will call this peer" },
    identity: { type: "string", required: true, description: "its key file; made if there is none" },
    roster: { type: "string", required: true, description: "the file to write" },
    passphrase: { type: "string", description: "a file with the passphrase that locks the key file" },
  },
  async run({ args }) {
    const given = args.invitation === "-" ? await new Response(Deno.stdin.readable).text() : args.invitation;
    const invitation = parseInvitation(given);
    checkName(args.name);
    if (await isThere(args.roster)) {
      throw new InputError(
        "roster",
        `expected to make ${args.roster}, found that something is there already`,
      );
    }
    const identity = await isThere(args.identity)
      ? await openKeyFile(args.identity, await passphraseFrom(args.passphrase))
      : await createKeyFile(args.identity, {
        ...await newPassphraseFrom(args.passphrase),
        random: platformRandom,
      });
    const roster = await join(webSockets({ listen: [] }), identity, invitation, {
      name: args.name,
      waiting(words) {
        tell("Read these four words to whoever invited you, and wait for that person's word:");
        tell(`\n  ${words.join(" ")}\n`);
      },
    });
    await replaceFile("roster", args.roster, formatRoster(roster));
    const { name } = roster.peers.find(({ peer }) => peer === identity.peer)!;
    print(`${name} is in version ${roster.version} of cluster ${roster.cluster}`);
  },
});
