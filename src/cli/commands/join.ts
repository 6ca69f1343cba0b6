/**
 * `join`: asks to be let into a cluster, and writes its roster to a file.
 * @module
 */
import { defineCommand } from "citty";
import { checkName } from "../../cluster/roster/admission/join.ts";
import { parseInvitation } from "../../cluster/roster/admission/invitation_link.ts";
import { formatRoster } from "../../cluster/roster/roster.ts";
import { InputError } from "../../errors.ts";
import { createKeyFile } from "../../identity/key_file.ts";
import { join } from "../../node/join.ts";
import { platformRandom } from "../../platform/platform.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { isThere, replaceFile } from "../files.ts";
import { newPassphraseFrom, openKeyFile, passphraseFrom } from "./identity.ts";
import { print, printNote } from "../print.ts";

export const joinCommand = defineCommand({
  meta: { name: "join", description: "Ask to be let into a cluster, and write its roster to a file" },
  args: {
    invitation: {
      type: "positional",
      required: true,
      description: "the link, or the part of it after #; - reads it from standard input",
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
        printNote(
          "Read these four words to the person who invited you, and wait until that person lets you in:",
        );
        printNote(`\n  ${words.join(" ")}\n`);
      },
    });
    await replaceFile("roster", args.roster, formatRoster(roster));
    const { name } = roster.peers.find(({ peer }) => peer === identity.peer)!;
    print(`${name} is in version ${roster.version} of cluster ${roster.cluster}`);
  },
});
