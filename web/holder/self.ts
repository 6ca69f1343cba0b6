/**
 * A holder's node for the page: the peers that it shows include the node itself, in the roster's order.
 * @module
 */
import type { PeerId, QuorateNode } from "../../mod.ts";
import type { NodePort, PeerStatus } from "../node/node_port.ts";

/** The same node, with itself among its `peers`. */
export function amongPeers(node: QuorateNode): NodePort {
  return Object.create(node, {
    peers: {
      get(): ReadonlyMap<PeerId, PeerStatus> {
        const others = node.peers;
        const links = [...others].filter(([, { link }]) => link === "up").map(([peer]) => peer);
        return new Map(
          node.roster.peers.flatMap(({ peer, name, rights }): [PeerId, PeerStatus][] => {
            if (peer === node.self) {
              return [[peer, {
                name,
                rights,
                connected: true,
                link: "none",
                carrier: null,
                latencyMs: null,
                links,
                locked: node.locked,
              }]];
            }
            const status = others.get(peer);
            return status ? [[peer, status]] : [];
          }),
        );
      },
    },
  });
}
