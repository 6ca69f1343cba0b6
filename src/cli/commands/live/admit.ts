/**
 * `admit`: the peers that ask a running node to be let into the cluster, and the answer to one.
 * @module
 */
import { InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { defineCommand, json } from "../../arguments/command.ts";
import { askRunningOnly } from "../../control/ask.ts";
import type { ListedRequest } from "../../control/operations/admission.ts";
import { print, printJson, printNote } from "../../print.ts";
import { commandsFor, sharedKeys } from "../../reshare_command.ts";
import { requestLine } from "../../terminal/admit.ts";

export const admitCommand = defineCommand({
  meta: {
    name: "admit",
    description: "Print who asks to join, at the running node that has the admin key, or let one in",
    examples: [
      "admit alice/node.json",
      "admit alice/node.json Bob lantern",
      "admit alice/node.json Bob --no",
    ],
  },
  args: {
    config: {
      type: "positional",
      required: true,
      description: "the running node's configuration, node.json",
    },
    peer: {
      type: "positional",
      required: false,
      description: "the peer that is answered, by its id or its name",
    },
    word: {
      type: "positional",
      required: false,
      description: "the fourth word, as the person at the other screen reads it: it lets the peer in",
    },
    no: { type: "boolean", default: false, description: "the peer is refused" },
    json,
  },
  async run({ args: { config, peer, word, no, json } }) {
    if (peer === undefined) return await showAll(config, { no, json });
    if (no !== (word === undefined)) {
      const found = no ? "both" : "neither";
      throw new InputError("word", `expected the fourth word on the other screen, or --no, found ${found}`);
    }
    if (word === undefined) {
      const rejected = await askRunningOnly<"reject">({ method: "reject", peer }, config);
      if (json) printJson({ rejected });
      else print(`${rejected.name} (${rejected.peer}) is refused`);
      return;
    }
    const admitted = await askRunningOnly<"admit">({ method: "admit", peer, word }, config);
    const reshare = admitted.rights.includes("holder") ? await sharesFor(admitted.peer, config) : [];
    if (json) return printJson({ admitted, reshare });
    print(`${admitted.name} (${admitted.peer}) is in version ${admitted.version} of the roster`);
    if (reshare.length > 0) print("It holds no share yet. These commands of a manager give it one:");
    for (const command of reshare) print(`  ${command}`);
  },
});

/** The commands that give a newcomer a share of each key that the running node knows. */
async function sharesFor(peer: PeerId, config: string): Promise<string[]> {
  const { keys, roster } = await askRunningOnly<"keys">({ method: "keys", waitMs: 0 }, config);
  const certain = keys.filter(({ state }) => state === "active" || state === "frozen");
  const shared = sharedKeys(certain.map((key) => ({ ...key, members: key.members.map(({ peer }) => peer) })));
  return commandsFor(peer, shared, { roster, config });
}

/** @throws {InputError} `peer` */
async function showAll(config: string, { no, json }: { no: boolean; json: boolean }): Promise<void> {
  if (no) throw new InputError("peer", "expected one that asks to join beside --no, found none");
  const joining = await askRunningOnly<"joining">({ method: "joining" }, config);
  if (json) return printJson({ joining });
  for (const request of joining) for (const line of textOf(request)) print(line);
  if (joining.length === 0) return print("nobody asks to join");
  printNote(
    `Let each person read you the four words on the other screen. If the first three are the ones here, ` +
      `quorate admit ${config} PEER FOURTH-WORD lets it in; if any differs, quorate admit ${config} PEER --no refuses it.`,
  );
}

function* textOf(request: ListedRequest): Iterable<string> {
  yield requestLine(request);
  yield `  peer           ${request.peer}`;
  yield `  first words    ${request.words} …`;
}
