/**
 * The demonstration's link for those who watch, which can be opened as often as anybody likes: each tab is a peer of
 * the roster, which has an end, and so has an invitation. So whoever has gone makes room for those who come.
 * @module
 */
import type { InviteOptions } from "../cluster/roster/invites.ts";
import type { QuorateNode } from "../node/api.ts";
import { itemsOf } from "../platform/stream.ts";

/** From so many peers on, those who only watch and are not connected are taken out of the roster. */
export const crowded = 32;

/** What this needs of a node that holds the admin key. */
export type Doorkeeper = Pick<QuorateNode, "events" | "invite" | "roster" | "peers" | "remove">;

/** Renews an invitation each time somebody came in, and makes room. Ends with the node. */
export async function keepOpen(
  node: Doorkeeper,
  invitation: InviteOptions & { token: Uint8Array },
): Promise<void> {
  for await (const event of itemsOf(node.events())) {
    if (event.type !== "join" || event.state !== "admitted") continue;
    node.invite(invitation); // a token that is given again has all its uses again
    for (const peer of leavers(node, event.other)) await node.remove(peer);
  }
}

/** Who only watched and has gone, once it is crowded; not who came just now and is still on its way. */
function leavers({ roster, peers }: Doorkeeper, newcomer: string): string[] {
  if (roster.peers.length <= crowded) return [];
  return roster.peers
    .filter(({ peer, rights }) =>
      peer !== newcomer && !rights.includes("holder") && peers.get(peer)?.connected === false
    )
    .map(({ peer }) => peer);
}
