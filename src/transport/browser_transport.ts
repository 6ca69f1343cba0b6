/**
 * The transport of a browser tab: it dials WebSockets, and is reached over relays and, where there is WebRTC, by
 * connections that are negotiated over them.
 * @module
 */
import { webSockets } from "@libp2p/websockets";
import type { Transport } from "../ports.ts";
import { startNode } from "./libp2p/libp2p.ts";
import { checkWebRtc, type WebRtc } from "./webrtc/webrtc.ts";

/** The options of {@linkcode browserTransport}. */
export interface BrowserTransportOptions {
  /**
   * More multiaddrs of relays, each with its peer id at the end:
   * `/dns4/relay.example/tcp/443/tls/ws/p2p/12D3…`. Every connected peer of the roster that serves as a relay
   * is used anyway. A relay that is not in the roster is never used.
   */
  relays?: readonly string[];
  /** WebRTC: `browserWebRtc()` of `@quorate/quorate/browser-webrtc`. Default: none, so that all traffic goes over relays. */
  webrtc?: WebRtc;
}

/**
 * A transport for pages that hold shares. It has no address that others could dial: peers of the roster reach
 * it over every relay that it is connected to, and then by WebRTC, which outlives the relay. Without WebRTC,
 * in its options or in the browser, all traffic goes over the relay.
 *
 * @throws {InputError} `webrtc`
 */
export function browserTransport({ relays = [], webrtc }: BrowserTransportOptions = {}): Transport {
  checkWebRtc(webrtc);
  return {
    kind: "tab",
    async start(host) {
      const opened = await webrtc?.open(host, []) ?? null;
      return await startNode(host, {
        transports: [webSockets()],
        known: relays,
        reserve: true,
        webrtc: opened,
      });
    },
  };
}
