/**
 * A tab among peers: it dials WebSockets, and is reached by WebRTC, which relays help to agree on. A browser without
 * WebRTC is reached over the relays themselves.
 * @module
 */
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import type { Transport } from "../ports.ts";
import { closesWithItsPeer, type ConnectionClass } from "./libp2p/hung_up.ts";
import { onlyItsMakerClosesInit } from "./webrtc/init_channel.ts";
import { startNode } from "./libp2p/libp2p.ts";

/** How a tab finds others. */
export interface BrowserTransportOptions {
  /**
   * More multiaddrs of relays, each with its peer id at the end: `/dns4/relay.example/tcp/443/tls/ws/p2p/12D3…`. Every
   * connected peer of the roster that serves as a relay is used without being named here; one named here that is not in
   * the roster is not.
   */
  relays?: readonly string[];
  /**
   * STUN and TURN servers. Default: none, so that nobody hears of this tab's address but its peers; two tabs behind
   * different routers then have the relay only.
   */
  iceServers?: readonly RTCIceServer[];
}

/**
 * A transport for pages that hold shares. Nobody can dial it by an address; peers of the roster reach it over every relay
 * that it is connected to, and talk to it by WebRTC from then on, relay or not; in a browser without WebRTC, over the
 * relay only.
 */
export function browserTransport({ relays = [], iceServers = [] }: BrowserTransportOptions = {}): Transport {
  const direct = webRtc([...iceServers]);
  const transports = [webSockets(), ...direct];
  return {
    kind: "tab",
    start: (host) =>
      startNode(host, { transports, known: relays, reserve: true, signals: direct.length > 0 }),
  };
}

/** Both kinds of WebRTC; none in a browser without it. */
function webRtc(iceServers: RTCIceServer[]) {
  if (!("RTCPeerConnection" in globalThis)) return [];
  onlyItsMakerClosesInit({ connection: RTCPeerConnection, channel: RTCDataChannel });
  closesWithItsPeer(RTCPeerConnection as unknown as ConnectionClass);
  const rtcConfiguration = { iceServers };
  return [webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration })];
}
