/**
 * `peers`: the other peers of the cluster, as a node sees them.
 * @module
 */
import { defineCommand, json } from "../../arguments/command.ts";
import { ask } from "../../control/ask.ts";
import type { ListedPeer } from "../../control/operations/status.ts";
import { print, printJson } from "../../print.ts";
import { waitOf } from "../../control/wait.ts";

export const peersCommand = defineCommand({
  meta: {
    name: "peers",
    description: "Print the other peers of the cluster, and how they are connected",
    examples: ["peers alice/node.json", "peers alice/node.json --wait 30 --json"],
  },
  args: {
    config: { type: "positional", required: true, description: "a peer's configuration, node.json" },
    wait: {
      type: "string",
      default: "5",
      description: "seconds to wait until those with an address are connected",
    },
    json,
  },
  async run({ args: { config, wait, json } }) {
    await ask<"peers">({ method: "peers", waitMs: waitOf(wait) }, { config, json }, (peers) => {
      if (json) return printJson({ peers });
      for (const peer of peers) print(peerLine(peer));
      if (peers.length === 0) print("no other peers");
    });
  },
});

/** The line about a peer. */
export function peerLine(
  { name, peer, rights, connected, link, carrier, latencyMs, ...state }: ListedPeer,
): string {
  const how = !connected
    ? "not connected"
    : `${carrier?.kind ?? "connected"}${carrier?.relayed ? " over a relay" : ""}`;
  const facts = [
    how,
    ...(link === "none" ? [] : [`link ${link}`]),
    ...(latencyMs === null ? [] : [`${Math.round(latencyMs)} ms`]),
    ...(state.locked ? ["locked"] : []),
    ...(state.rolledBack ? ["its store was set back"] : []),
  ];
  return `${name} (${peer}): ${rights.join(", ")}; ${facts.join(", ")}`;
}
