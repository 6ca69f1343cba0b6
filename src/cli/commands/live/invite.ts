/**
 * `invite`: an invitation from the node that runs with the admin key.
 * @module
 */
import type { Right } from "../../../cluster/records/rights.ts";
import { InputError } from "../../../errors.ts";
import { maxInviteMs } from "../../../limits.ts";
import { defineCommand, json } from "../../arguments/command.ts";
import { askRunning } from "../../control/ask.ts";
import { wordsIn } from "../../control/peer_names.ts";
import { replaceFile } from "../../files.ts";
import { print, printJson } from "../../print.ts";

export const inviteCommand = defineCommand({
  meta: {
    name: "invite",
    description: "Make an invitation for one peer, at the running node that has the admin key",
    examples: [
      "invite alice/node.json --out bob.link",
      "invite alice/node.json --out console.link --rights initiator,manager,observer --hours 24",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the running node's configuration, node.json",
    },
    out: {
      type: "string",
      description: "a file for its owner only (0600) to write it into; default: it is printed",
    },
    rights: { type: "string", default: "holder", description: "the rights of the peer that uses it" },
    hours: { type: "string", default: "1", description: "its life" },
    uses: { type: "string", default: "1", description: "the number of peers that may use it" },
    json,
  },
  async run({ args: { config, out, rights, hours, uses, json } }) {
    const request = {
      method: "invite" as const,
      rights: wordsIn(rights) as Right[], // the node checks them
      uses: numberOf("uses", uses),
      ms: Math.round(numberOf("hours", hours) * 3_600_000),
    };
    if (request.ms > maxInviteMs) {
      throw new InputError("hours", `expected at most ${maxInviteMs / 3_600_000}, found ${hours}`);
    }
    const invited = await askRunning<"invite">(request, config);
    if (invited === null) {
      throw new InputError(
        "node",
        `expected one that runs with ${config}, found none: an invitation lives in it (\`quorate run ${config}\`)`,
        { code: "wrong-state" },
      );
    }
    const { link, ...about } = invited;
    if (out !== undefined) await replaceFile("out", out, `${link}\n`, 0o600);
    if (json) printJson(out === undefined ? invited : { ...about, file: out });
    else if (out === undefined) print(link);
    else print(`${out}: ${about.rights.join(", ")}, until ${new Date(about.expires).toISOString()}`);
  },
});

/** @throws {InputError} `field` */
function numberOf(field: string, text: string): number {
  const number = Number(text);
  if (/^\d{1,4}(\.\d{1,4})?$/.test(text) && number > 0) return number;
  throw new InputError(field, `expected a number, found “${text}”`);
}
