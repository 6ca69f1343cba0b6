/**
 * `status`: the state of the node that runs with a configuration.
 * @module
 */
import process from "node:process";
import { defineCommand, json } from "../../arguments/command.ts";
import { askRunning } from "../../control/ask.ts";
import type { ApartPair, NodeStatus } from "../../control/operations/status.ts";
import { nameAndId } from "../../past_epochs.ts";
import { print, printJson, printNote } from "../../print.ts";
import { peerLine } from "./peers.ts";

export const statusCommand = defineCommand({
  meta: {
    name: "status",
    description: "Print the state of a running node; exit code 1 if none runs",
    examples: ["status alice/node.json", "status alice/node.json --json"],
  },
  args: {
    config: { type: "positional", required: true, description: "the node's configuration, node.json" },
    json,
  },
  async run({ args: { config, json } }) {
    const status = await askRunning<"status">({ method: "status" }, config);
    if (status === null) {
      if (json) printJson({ running: false });
      else printNote(`No node runs with ${config}: \`quorate run ${config}\` starts it.`);
      process.exitCode = 1;
    } else if (json) printJson({ running: true, ...status });
    else for (const line of linesOf(status)) print(line);
  },
});

/** The lines of a node's state. */
function* linesOf(status: NodeStatus): Iterable<string> {
  const { peer, name, rights, uptimeSeconds, roster, locked, rolledBack } = status;
  yield `${name === null ? peer : nameAndId({ name, peer })}: ${rights.join(", ") || "not in the roster"}`;
  yield `  up          ${duration(uptimeSeconds)}`;
  yield `  roster      version ${roster.version} of cluster ${roster.cluster}`;
  for (const address of status.addresses) yield `  address     ${address}`;
  for (const { relay, state } of status.reservations) yield `  relay       ${relay}, ${state}`;
  if (locked) yield "  locked      its shares are locked: it takes part in nothing";
  if (rolledBack === "restored") {
    yield "  restored    from a backup: no sessions until it has been compared with enough others";
  }
  if (rolledBack === "rolled-back") {
    yield "  set back    to an earlier state: `quorate restored --confirm` ends it";
  }
  for (const other of status.peers) yield `  peer        ${peerLine(other)}`;
  for (const key of status.keys) {
    const { wallet, scheme, epoch, state, paused, threshold, members, ready, missing } = key;
    const away = missing.map(({ name, peer }) => name ?? peer).join(", ");
    const readiness = ready ? "ready" : `not ready${away === "" ? "" : `: ${away} missing`}`;
    const pause = paused ? ", its resharing is paused" : "";
    yield `  key         ${wallet}, ${scheme}: ${state}, ${threshold} of ${members}, epoch ${epoch}, ${readiness}${pause}`;
  }
  for (const pair of status.bans) yield `  ban         ${pairText(pair)}`;
  for (const pair of status.quarantines) yield `  quarantine  ${pairText(pair)}`;
  if (status.questions > 0) {
    yield `  questions   ${status.questions} wait for an answer: \`quorate approve\` shows them`;
  }
  for (const { name, rights } of status.joining) {
    yield `  asks        ${name} asks to join as ${rights.join(" and ")}: \`quorate admit\` shows its words`;
  }
  for (const { id, rights, uses, expires } of status.invites) {
    yield `  invitation  ${id}: ${rights.join(", ")}, ${uses} left, until ${new Date(expires).toISOString()}`;
  }
}

const pairText = ({ wallet, scheme, by, other }: ApartPair): string =>
  `${wallet}, ${scheme}: ${by.name ?? by.peer} and ${other.name ?? other.peer}`;

/** A time in words: `2 d 3 h`, `5 min 7 s`. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts.slice(first === -1 ? 3 : first).slice(0, 2).map(([count, unit]) => `${count} ${unit}`).join(
    " ",
  );
}
