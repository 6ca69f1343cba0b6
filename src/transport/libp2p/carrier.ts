/**
 * What a libp2p connection runs over.
 * @module
 */
import type { Connection } from "@libp2p/interface";
import type { Carrier } from "../../events.ts";

/** Data channels are their own multiplexer: @libp2p/webrtc names it so, agreed over a relay or direct. */
const dataChannels = "/webrtc";

/** The relay of a relayed connection. */
export function relayOf({ remoteAddr }: Connection): string | undefined {
  const parts = remoteAddr.getComponents();
  const relay = parts.slice(0, parts.findIndex(({ name }) => name === "p2p-circuit"));
  return relay.findLast(({ name }) => name === "p2p")?.value;
}

/** A relayed connection does not know what leads to its relay: {@linkcode relayOf} says whom to ask. */
export function carrierOf({ remoteAddr, multiplexer, limits }: Connection): Carrier {
  const direct = remoteAddr.getComponents().some(({ name }) => name === "webrtc-direct");
  const webrtc = direct ? "webrtc-direct" : "webrtc";
  return {
    kind: multiplexer === dataChannels || direct ? webrtc : "websocket",
    relayed: limits !== undefined,
    multiplexer: multiplexer ?? null,
  };
}
