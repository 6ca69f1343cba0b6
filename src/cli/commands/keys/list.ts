/**
 * `keys list` and `keys show`: the keys that a running node knows, or those in the store of a stopped one.
 * @module
 */
import { InputError } from "../../../errors.ts";
import type { Roster } from "../../../cluster/roster/roster.ts";
import type { PeerId } from "../../../failure.ts";
import { defineCommand, json } from "../../arguments/command.ts";
import { ask, askRunning } from "../../control/ask.ts";
import type { KnownKeys } from "../../control/operations/known_keys.ts";
import { latest, type ListedKey, listedKey, storedKeys, textOf } from "../../key_list.ts";
import { leaverLines } from "../../leavers.ts";
import { sharedKeys } from "../../reshare_command.ts";
import { print, printJson } from "../../print.ts";
import { type OpenedStore, withStore } from "../../store.ts";
import { waitOf } from "../../control/wait.ts";
import { config } from "./arguments.ts";

/** The keys of a configuration, and the peers that they are printed with. */
interface Listed {
  keys: readonly ListedKey[];
  givenUp: KnownKeys["givenUp"];
  /** The names of unreadable rows. */
  damaged: readonly string[];
  roster: Pick<Roster, "peers">;
}

/** @param waitMs Time in which others say who has erased shares of past epochs; null: nobody is asked. */
async function listedKeys(path: string, waitMs: number | null): Promise<Listed> {
  const running = await askRunning<"keys">({ method: "keys", waitMs: waitMs ?? 0 }, path);
  if (running !== null) return { ...running, damaged: [] };
  const heard: ListedKey[] = [];
  if (waitMs !== null) {
    const request = { method: "keys" as const, waitMs };
    await ask<"keys">(request, { config: path, json: false }, ({ keys }) => void heard.push(...keys));
  }
  return await withStore(path, (opened) => keysIn(opened, heard));
}

async function keysIn(opened: OpenedStore, heard: readonly ListedKey[]): Promise<Listed> {
  const stored = await storedKeys(opened.rows);
  return {
    keys: latest(stored).map((row) => listedKey(row, stored, { opened, heard })),
    givenUp: [], // they are among the keys
    damaged: [...stored.damaged, ...opened.bans.damaged()],
    roster: opened.roster,
  };
}

const isCertain = ({ state }: ListedKey): boolean => state === "active" || state === "frozen";

export const list = defineCommand({
  meta: {
    name: "list",
    description: "Print the keys that a node holds a share of, has left or knows of",
    examples: ["keys list alice/node.json", "keys list alice/node.json --ask 10 --json"],
  },
  args: {
    config,
    json,
    ask: {
      type: "string",
      description:
        "seconds in which the others are asked who has erased shares of past epochs; starts a stopped node for it",
    },
  },
  async run({ args }) {
    const waitMs = args.ask === undefined ? null : waitOf(args.ask);
    const { keys, givenUp, damaged, roster } = await listedKeys(args.config, waitMs);
    if (args.json) return printJson({ keys, givenUp, damaged });
    for (const key of keys) for (const line of textOf(key)) print(line);
    for (const { wallet, scheme, session } of givenUp) {
      print(`${wallet}, ${scheme}: given-up, its share is kept`);
      print(`  session     ${session}`);
    }
    const names = new Map(roster.peers.map(({ peer, name }) => [peer, name]));
    const about = { roster, config: args.config, nameOf: (peer: PeerId) => names.get(peer) ?? peer };
    const certain = keys.filter(isCertain).map((key) => ({
      ...key,
      members: key.members.map(({ peer }) => peer),
    }));
    for (const key of sharedKeys(certain)) for (const line of leaverLines(key, about)) print(line);
    for (const name of damaged) print(`${name}: damaged`);
    if (keys.length + givenUp.length + damaged.length === 0) print("no keys");
  },
});

export const show = defineCommand({
  meta: {
    name: "show",
    description: "Print the keys of one wallet, with all that others need to verify and to derive addresses",
    examples: ["keys show alice/node.json treasury", "keys show alice/node.json treasury --json"],
  },
  args: {
    config,
    wallet: { type: "positional", required: true, description: "the wallet's name" },
    scheme: { type: "positional", required: false, description: "its scheme; default: all that it has" },
    json,
  },
  async run({ args }) {
    const { wallet, scheme } = args;
    const { keys } = await listedKeys(args.config, null);
    const named = keys.filter((key) =>
      key.wallet === wallet && (scheme === undefined || key.scheme === scheme)
    );
    if (named.length === 0) {
      const known = [...new Set(keys.map((key) => `“${key.wallet}” for ${key.scheme}`))].join(", ");
      const found = scheme === undefined ? `“${wallet}”` : `“${wallet}” for ${scheme}`;
      throw new InputError("wallet", `expected one with a key (${known || "there is none"}), found ${found}`);
    }
    if (args.json) return printJson({ keys: named });
    for (const key of named) {
      for (const line of textOf(key)) print(line);
      print(`  chain code  ${key.chainCode}`);
    }
  },
});
