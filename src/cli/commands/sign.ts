/**
 * `sign`: asks the cluster for signatures, as the peer of the given configuration, and prints them.
 * @module
 */
import { checkKeyName } from "../../cluster/records/key_name.ts";
import type { Scheme } from "../../events.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { defineCommand, json, labels } from "../arguments/command.ts";
import { ask } from "../control/ask.ts";
import { wordsIn } from "../control/peer_names.ts";
import { print, printJson } from "../print.ts";
import { inputArguments, itemFrom, itemsIn } from "../sign_items.ts";
import { waitOf } from "../control/wait.ts";

export const signCommand = defineCommand({
  meta: {
    name: "sign",
    description: "Ask the cluster for signatures: all of them, or none",
    examples: [
      'sign alice/node.json treasury ed25519 --message "hello"',
      `sign alice/node.json treasury ${schemeIds[1]} --digest 5f0c... --hash sha256d --path 0/5`,
      "sign alice/node.json treasury ed25519 --file release.tar.gz --json",
      "sign alice/node.json treasury ed25519 --items inputs.json",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the configuration of a peer with the right initiator, node.json",
    },
    wallet: { type: "positional", required: true, description: "the wallet's name" },
    scheme: { type: "positional", required: true, description: schemeIds.join(", ") },
    ...inputArguments,
    items: {
      type: "string",
      description:
        "a JSON file with a list of 1 to 256 of { message | hex | digest, hash?, path?, merkleRoot? } instead",
    },
    key: { type: "string", description: "the session that made the key; needed if two keys have one name" },
    signers: {
      type: "string",
      description: "the members that sign, by name or id; default: any that are ready",
    },
    ...labels,
    wait: { type: "string", default: "15", description: "seconds to wait until enough holders are ready" },
    json,
  },
  async run({ args }) {
    const { config, wallet, key, signers, id, note, reference, json } = args;
    const scheme = args.scheme as Scheme;
    checkKeyName({ wallet, scheme });
    const waitMs = waitOf(args.wait);
    const items = args.items === undefined
      ? [await itemFrom(args, "--items")]
      : await itemsIn(args.items, args);
    const request = {
      ...{ method: "sign" as const, wallet, scheme, items, note, reference, waitMs },
      ...(id !== undefined && { id }),
      ...(key !== undefined && { keyId: key }),
      ...(signers !== undefined && { signers: wordsIn(signers) }),
    };
    await ask<"sign">(request, { config, json }, ({ id, signatures }) => {
      if (json) printJson({ id, signatures });
      else for (const { bytes } of signatures) print(String(bytes));
    });
  },
});
