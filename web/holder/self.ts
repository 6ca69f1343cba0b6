/**
 * A node that is itself one of the holders: among the peers that the page shows, it comes in its place of the roster.
 * @module
 */
import type { PeerId, QuorateNode } from "../../mod.ts";
import type { NodePort, PeerStatus } from "../node/node_port.ts";

/** The same node; its `peers` have itself among them. */
export function amongPeers(node: QuorateNode): NodePort {
  return Object.create(node, {
    peers: {
      get(): ReadonlyMap<PeerId, PeerStatus> {
        const others = node.peers;
        const links = [...others].filter(([, { link }]) => link === "up").map(([peer]) => peer);
        return new Map(
          node.roster.peers.flatMap(({ peer, name, rights, addresses }): [PeerId, PeerStatus][] => {
            if (peer === node.self) {
              return [[peer, {
                name,
                rights,
                addresses,
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
