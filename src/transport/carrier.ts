/**
 * What a libp2p connection runs over.
 * @module
 */
import type { Connection } from "@libp2p/interface";
import type { Carrier } from "../events.ts";

/** Data channels are their own multiplexer: @libp2p/webrtc names it so, agreed over a relay or direct. */
const dataChannels = "/webrtc";

export function carrierOf({ remoteAddr, multiplexer, limits }: Connection): Carrier {
  const direct = remoteAddr.getComponents().some(({ name }) => name === "webrtc-direct");
  const webrtc = direct ? "webrtc-direct" : "webrtc";
  return {
    kind: multiplexer === dataChannels || direct ? webrtc : "websocket",
    relayed: limits !== undefined,
    multiplexer: multiplexer ?? null,
  };
}
