/**
 * The peers of a node as it sees them now: their status, and whether enough of them are ready to sign.
 * @module
 */
import { type Readiness, readiness } from "../../cluster/commands/party.ts";
import type { Context } from "../../cluster/events/event_context.ts";
import { has } from "../../cluster/roster/roster_context.ts";
import type { GroupKey } from "../../cluster/keys/group_key.ts";
import type { PeerId } from "../../failure.ts";
import type { PeerStatus } from "../api.ts";
import type { NodeParts } from "./parts.ts";
import type { NodeRecords } from "./records.ts";

/** The node's parts that know of peers. */
export interface PeersOptions {
  readonly context: Pick<Context, "identity" | "network" | "member" | "vault">;
  readonly records: Pick<NodeRecords, "rosterStore" | "storeHistory" | "keys" | "bans" | "frozen">;
  readonly parts: Pick<NodeParts, "links" | "gossip">;
}

/** The other peers of the roster in force, each with its status. */
export function peerStatuses({ context, records, parts }: PeersOptions): Map<PeerId, PeerStatus> {
  const { identity, network } = context;
  const connected = new Set(network.connected());
  const others = records.rosterStore.current.peers.filter(({ peer }) => peer !== identity.peer);
  return new Map(others.map(({ peer, name, rights, addresses }) => {
    const presence = parts.gossip.presence(peer);
    return [peer, {
      name,
      rights,
      addresses,
      connected: connected.has(peer),
      link: parts.links.state(peer),
      carrier: network.carrier(peer),
      latencyMs: network.latency(peer),
      links: presence?.links ?? [],
      locked: presence?.locked ?? false,
      rolledBack: records.storeHistory.rollbacks.isRolledBack(peer),
    }];
  }));
}

/** True if two looks found the same: then a program need not draw its peers anew. */
export const isSame = (
  one: ReadonlyMap<PeerId, PeerStatus>,
  other: ReadonlyMap<PeerId, PeerStatus>,
): boolean => JSON.stringify([...one]) === JSON.stringify([...other]);

/** Whether enough members of a key are ready, as far as this node knows. */
export function keyReadiness(key: GroupKey, { context, records, parts }: PeersOptions): Readiness {
  const { keys, bans, frozen } = records;
  const { members, threshold, session, held } = key;
  const self = context.identity.peer;
  const connected = new Set(context.network.connected());
  // A node that holds no share has no links: it counts every connected peer as ready.
  const isHolder = has(context, self, "holder");
  const linked = (peer: PeerId) => isHolder ? parts.links.has(peer) : connected.has(peer);
  const locked = (peer: PeerId) =>
    (peer === self ? context.vault.locked : parts.gossip.presence(peer)?.locked) ?? false;
  const lacking = new Set(keys.lacking(session));
  if (!held) lacking.add(self);
  const apart = { banned: bans.of(session), quarantined: frozen.quarantined(session) };
  return readiness({ self, lacking, linked, locked, members, threshold, ...apart });
}
