/**
 * The transport of a browser tab: it dials WebSockets, and is reached by WebRTC connections that are
 * negotiated over relays. A browser without WebRTC is reached over the relays themselves.
 * @module
 */
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import type { Transport } from "../ports.ts";
import { closesWithItsPeer, type ConnectionClass } from "./libp2p/hung_up.ts";
import { onlyItsMakerClosesInit } from "./webrtc/init_channel.ts";
import { startNode } from "./libp2p/libp2p.ts";

/** The options of {@linkcode browserTransport}. */
export interface BrowserTransportOptions {
  /**
   * More multiaddrs of relays, each with its peer id at the end:
   * `/dns4/relay.example/tcp/443/tls/ws/p2p/12D3…`. Every connected peer of the roster that serves as a relay
   * is used anyway. A relay that is not in the roster is never used.
   */
  relays?: readonly string[];
  /**
   * STUN and TURN servers. Default: none, so that only its peers learn this tab's address; two tabs behind
   * different routers then have the relay only.
   */
  iceServers?: readonly RTCIceServer[];
}

/**
 * A transport for pages that hold shares. It has no address that others could dial: peers of the roster reach
 * it over every relay that it is connected to, and then by WebRTC, which outlives the relay. Without WebRTC
 * in the browser, all traffic goes over the relay.
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

/** Both kinds of WebRTC transport; none in a browser without WebRTC. */
function webRtc(iceServers: RTCIceServer[]) {
  if (!("RTCPeerConnection" in globalThis)) return [];
  onlyItsMakerClosesInit({ connection: RTCPeerConnection, channel: RTCDataChannel });
  closesWithItsPeer(RTCPeerConnection as unknown as ConnectionClass);
  const rtcConfiguration = { iceServers };
  return [webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration })];
}
