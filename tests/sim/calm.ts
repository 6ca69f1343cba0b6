/**
 * When a cluster is itself again after whatever went wrong in it.
 * @module
 */
import type { Cluster } from "./cluster.ts";
import { console } from "./schedule.ts";
import type { Views } from "./views.ts";

/** Virtual time in which everybody must be linked again, and every pending key decided, ms. */
const healMs = 90_000;

/**
 * Lets time pass until everybody is linked, nothing is pending and nothing is left behind.
 *
 * @param quietMs How long after the healing something may still wait.
 * @returns What is not so in time; null if all is.
 */
export async function calm(cluster: Cluster, views: Views, quietMs: number): Promise<string | null> {
  return await within(cluster, healMs, () => apart(cluster)) ??
    await within(cluster, quietMs, () => Promise.resolve(left(cluster, views)));
}

async function within(
  { clock }: Cluster,
  ms: number,
  look: () => Promise<string | null>,
): Promise<string | null> {
  for (let waited = 0;; waited += 500) {
    await clock.pass(500);
    const wrong = await look();
    if (wrong === null || waited >= ms) return wrong;
  }
}

/** Who is not linked, and what is not decided. */
async function apart(cluster: Cluster): Promise<string | null> {
  for (const { name, node } of cluster.nodes.values()) {
    for (const [peer, status] of node.peers) {
      const other = cluster.nameOf(peer);
      if (!status.connected) return `${name} is not connected to ${other}`;
      const both = name !== console && other !== console;
      if (both && status.link !== "up") return `the link of ${name} to ${other} is ${status.link}`;
    }
    const pending = (await node.keys()).find(({ state }) => state === "pending");
    if (pending) return `${pending.wallet} is still pending at ${name}`;
  }
  return null;
}

/** What a session has left behind: each node waits for its next presence, and for nothing else. */
function left({ nodes, network, clock }: Cluster, views: Views): string | null {
  const [open] = views.open();
  if (open) return `${open.name} has not ended ${open.kind} ${open.id}`;
  if (network.open() > 0) return `${network.open()} ends of streams are still open`;
  if (clock.waiting > nodes.size) return `${clock.waiting} timers are waiting, expected ${nodes.size}`;
  return null;
}
