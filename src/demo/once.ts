/**
 * The demonstration without a browser: its scenes, played in a terminal. It prints every event as one JSON
 * line and then one line for each scene.
 * @module
 */
import { parseInvitation } from "../cluster/roster/admission/invitation_link.ts";
import { newIdentity } from "../identity/identity.ts";
import { join } from "../node/join.ts";
import { platformRandom } from "../platform/platform.ts";
import { memoryStore } from "../store/memory.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import type { DemoCluster } from "./cluster.ts";
import { startNodeHere } from "./scenes/node_here.ts";
import { Seen } from "./scenes/seen.ts";
import { Show } from "./scenes/show.ts";

/** Plays every scene. @returns Whether each ended as expected. */
export async function playOnce(cluster: DemoCluster, { threshold }: { threshold: number }): Promise<boolean> {
  const identity = await newIdentity(platformRandom);
  const transport = webSockets({ listen: [] });
  const roster = await join(transport, identity, parseInvitation(cluster.invitation), {
    name: "this terminal",
  });
  await using node = await startNodeHere({ identity, roster, store: memoryStore(), transport });
  const seen = new Seen(node);
  const show = new Show(node, seen, cluster, threshold);
  const reading = seen.read();
  try {
    await show.play();
  } finally {
    await node.stop();
    await reading;
  }
  console.log("");
  for (const line of show.summary) console.log(line);
  return show.good;
}
