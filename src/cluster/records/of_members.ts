/**
 * The parts of a node that keep something about other peers, and forget it when a peer leaves the roster.
 * @module
 */
import type { PeerId } from "../../failure.ts";

/** Whether a peer is in the roster in force. */
export type IsMember = (peer: PeerId) => boolean;

/** A part of the node that keeps something about other peers. */
export interface OfMembers {
  /** Forgets everything about peers that are not members. Called at the start, and with each new roster. */
  keepOnly(isMember: IsMember): void;
}

/** Removes the entries of all other peers from a map by peer. */
export function keepOnly(map: Map<PeerId, unknown>, isMember: IsMember): void {
  for (const peer of map.keys()) if (!isMember(peer)) map.delete(peer);
}
