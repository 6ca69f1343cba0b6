/**
 * The carrier of a libp2p connection: WebSocket or WebRTC, direct or relayed.
 * @module
 */
import type { Connection } from "@libp2p/interface";
import type { Carrier } from "../../events.ts";

/** The name that @libp2p/webrtc gives to data channels as a multiplexer, for both kinds of WebRTC. */
const dataChannels = "/webrtc";

/** The relay of a relayed connection. */
export function relayOf({ remoteAddr }: Connection): string | undefined {
  const parts = remoteAddr.getComponents();
  const relay = parts.slice(0, parts.findIndex(({ name }) => name === "p2p-circuit"));
  return relay.findLast(({ name }) => name === "p2p")?.value;
}

/**
 * The carrier of a connection. Of a relayed one, `kind` is unknown: it is that of the connection to
 * {@linkcode relayOf}.
 */
export function carrierOf({ remoteAddr, multiplexer, limits }: Connection): Carrier {
  const direct = remoteAddr.getComponents().some(({ name }) => name === "webrtc-direct");
  const webrtc = direct ? "webrtc-direct" : "webrtc";
  return {
    kind: multiplexer === dataChannels || direct ? webrtc : "websocket",
    relayed: limits !== undefined,
    multiplexer: multiplexer ?? null,
  };
}
