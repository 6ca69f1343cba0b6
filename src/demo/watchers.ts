/**
 * The demonstration's link for watching, which can be opened any number of times. Each tab is a peer of the
 * roster, and both a roster and an invitation are limited: so the invitation is renewed, and peers that have
 * left are removed.
 * @module
 */
import type { InviteOptions } from "../cluster/roster/admission/invites.ts";
import type { QuorateNode } from "../node/api.ts";
import { itemsOf } from "../platform/stream.ts";

/** The roster's size above which peers that only watch and are not connected are removed from it. */
export const crowded = 32;

/** The used part of a node with the admin key. */
export type AdminNode = Pick<QuorateNode, "events" | "invite" | "roster" | "peers" | "remove">;

/** Renews an invitation each time a peer joins, and makes room in the roster. Ends with the node. */
export async function keepOpen(
  node: AdminNode,
  invitation: InviteOptions & { token: Uint8Array },
): Promise<void> {
  for await (const event of itemsOf(node.events())) {
    if (event.type !== "join" || event.state !== "admitted") continue;
    node.invite(invitation); // the same token gets all its uses back
    for (const peer of leavers(node, event.other)) await node.remove(peer);
  }
}

/**
 * The peers to remove once the roster is crowded: those that only watch and are gone, but not the newcomer.
 */
function leavers({ roster, peers }: AdminNode, newcomer: string): string[] {
  if (roster.peers.length <= crowded) return [];
  return roster.peers
    .filter(({ peer, rights }) =>
      peer !== newcomer && !rights.includes("holder") && peers.get(peer)?.connected === false
    )
    .map(({ peer }) => peer);
}
