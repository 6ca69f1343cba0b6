/**
 * What is kept of other peers, by whose it is: nothing of one that is not in the roster any more.
 * @module
 */
import type { PeerId } from "../../failure.ts";

/** Whether a peer is in the roster in force. */
export type IsMember = (peer: PeerId) => boolean;

/** A part of the node that keeps something of other peers. */
export interface OfMembers {
  /** Forgets what is of anybody else. Called at the start, and with each new roster. */
  keepOnly(isMember: IsMember): void;
}

/** Takes out of a map by peer what is of anybody else. */
export function keepOnly(map: Map<PeerId, unknown>, isMember: IsMember): void {
  for (const peer of map.keys()) if (!isMember(peer)) map.delete(peer);
}
