/**
 * `keys reshare`: deals a key anew, as the peer of the given configuration: for other holders, another threshold, or
 * a holder that has lost its share.
 * @module
 */
import { checkKeyName } from "../../cluster/records/key_name.ts";
import type { Scheme } from "../../events.ts";
import { schemeIds } from "../../schemes/schemes.ts";
import { defineCommand, json, labels } from "../arguments/command.ts";
import { ask } from "../control/ask.ts";
import type { Dealt } from "../control/operations/deal.ts";
import { wordsIn } from "../control/peer_names.ts";
import { erasedSentence } from "../past_epochs.ts";
import { print, printJson } from "../print.ts";
import { waitOf } from "../control/wait.ts";
import { thresholdOf } from "./keys/threshold.ts";

const peers = "names or ids of peers of the roster, separated by commas";

export const reshare = defineCommand({
  meta: {
    name: "reshare",
    description: "Deal a key anew: it and its addresses stay, its holders and their shares change",
    examples: [
      "keys reshare treasury --scheme ed25519 --members Alice,Bob,Dave --threshold 2 --gone Carol --config alice/node.json",
    ],
  },
  args: {
    wallet: { type: "positional", required: true, description: "the wallet's name" },
    scheme: { type: "string", required: true, description: schemeIds.join(", ") },
    members: { type: "string", required: true, description: `who holds it from then on: ${peers}` },
    threshold: { type: "string", required: true, description: "the number of them that sign" },
    gone: {
      type: "string",
      description: "members that take no part; default: those that are no holders of the roster any more",
    },
    dealers: {
      type: "string",
      description: "members whose shares are used, as many as sign now; default: any that are there",
    },
    key: { type: "string", description: "the session that made the key; needed if two keys have one name" },
    config: {
      type: "string",
      default: "node.json",
      description: "the configuration of a peer with the right manager",
    },
    ...labels,
    wait: { type: "string", default: "15", description: "seconds to wait until everybody is there" },
    json,
  },
  async run({ args }) {
    const { config, wallet, id, note, reference, key, json } = args;
    const scheme = args.scheme as Scheme;
    checkKeyName({ wallet, scheme });
    const request = {
      ...{ method: "reshare" as const, wallet, scheme, note, reference, waitMs: waitOf(args.wait) },
      ...(id !== undefined && { id }),
      threshold: thresholdOf(args.threshold),
      members: wordsIn(args.members),
      ...(args.gone !== undefined && { gone: wordsIn(args.gone) }),
      ...(args.dealers !== undefined && { dealers: wordsIn(args.dealers) }),
      ...(key !== undefined && { keyId: key }),
    };
    await ask<"reshare">(request, { config, json }, (dealt) => json ? printJson(dealt) : show(dealt));
  },
});

/** Prints the key in its new epoch. */
function show({ key }: Dealt): void {
  const { wallet, scheme, epoch, threshold, members, publicKey, session, past } = key;
  print(`${wallet}, ${scheme}: epoch ${epoch}, ${threshold} of ${members.length} sign`);
  print(`  members     ${members.map(({ name, peer }) => name ?? peer).join(", ")}`);
  print(`  public key  ${publicKey}`);
  print(`  session     ${session}`);
  for (const one of past) print(`  ${erasedSentence(one)}`);
}
