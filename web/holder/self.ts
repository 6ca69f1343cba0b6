/**
 * A holder's node for the page: the peers that it shows include the node itself, in the roster's order.
 * @module
 */
import type { BatchRequest, PeerId, QuorateNode, Session, Signature, SignRequest } from "../../mod.ts";
import type { NodePort, PeerStatus } from "../node/node_port.ts";

/** The parts of a node that its page uses. */
type HolderNode = Pick<QuorateNode, Exclude<keyof NodePort, "peers"> | "peers" | "locked">;

/** The same node, with itself among its `peers`. */
export function amongPeers(node: HolderNode): NodePort {
  function sign(request: SignRequest): Session<Signature>;
  function sign(request: BatchRequest): Session<Signature[]>;
  function sign(request: SignRequest | BatchRequest): Session<Signature> | Session<Signature[]> {
    return request.items === undefined ? node.sign(request) : node.sign(request);
  }
  return {
    self: node.self,
    get roster() {
      return node.roster;
    },
    get peers() {
      return peersWithSelf(node);
    },
    keys: () => node.keys(),
    readiness: (key) => node.readiness(key),
    bans: () => node.bans(),
    quarantines: () => node.quarantines(),
    unfreeze: (key, options) => node.unfreeze(key, options),
    generateKey: (request) => node.generateKey(request),
    reshare: (request) => node.reshare(request),
    sign,
    events: (options) => node.events(options),
    stop: () => node.stop(),
  };
}

function peersWithSelf(node: HolderNode): ReadonlyMap<PeerId, PeerStatus> {
  const others = node.peers;
  const links = [...others].filter(([, { link }]) => link === "up").map(([peer]) => peer);
  return new Map(
    node.roster.peers.flatMap(({ peer, name, rights }): [PeerId, PeerStatus][] => {
      const status = peer === node.self
        ? ownStatus({ name, rights, links, locked: node.locked })
        : others.get(peer);
      return status ? [[peer, status]] : [];
    }),
  );
}

const ownStatus = (own: Pick<PeerStatus, "name" | "rights" | "links" | "locked">): PeerStatus => ({
  ...own,
  connected: true,
  link: "none",
  carrier: null,
  latencyMs: null,
});
