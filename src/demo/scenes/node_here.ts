/**
 * A node in the process that plays the scenes: that of the terminal, or one whose folder was found.
 * @module
 */
import type { Roster } from "../../cluster/roster/roster.ts";
import { assembleNode } from "../../node/assemble.ts";
import { platformClock, platformRandom } from "../../platform/platform.ts";
import type { Identity, Store, Transport } from "../../ports.ts";
import { workerVault } from "../../worker/client.ts";

/** A node, with what a program of its own does not see. */
export type NodeHere = Awaited<ReturnType<typeof assembleNode>>;

/** Starts a node that says yes to whatever the roster allows. */
export function startNodeHere(
  options: { identity: Identity; roster: Roster; store: Store; transport: Transport },
): Promise<NodeHere> {
  const { identity } = options;
  return assembleNode({
    ...options,
    approve: "roster",
    clock: platformClock,
    random: platformRandom,
    vault: workerVault(identity.secrets(), identity.peer),
  });
}
