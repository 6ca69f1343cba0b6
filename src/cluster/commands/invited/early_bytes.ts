/**
 * The bytes that the streams of an accepted invite may take before its session opens and reads them.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import { dataChannelBuffer, streamWindow } from "../../../limits.ts";
import type { Network } from "../../../ports.ts";

/** The bytes that all members of a party together may send this node early, by the carrier of each. */
export function earlyBytes(network: Pick<Network, "self" | "carrier">, party: readonly PeerId[]): number {
  const others = party.filter((peer) => peer !== network.self);
  return others.reduce((sum, peer) => sum + bufferOf(network.carrier(peer)?.kind), 0);
}

/** The bytes that a stream buffers: as many as its sender may send unread, or what a data channel takes before its reset. */
const bufferOf = (kind: string | undefined): number =>
  kind === "websocket" || kind === "memory" ? streamWindow : dataChannelBuffer;
