/**
 * WebRTC of a browser.
 * @module
 */
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { closesWithItsPeer, type ConnectionClass } from "../libp2p/hung_up.ts";
import { onlyItsMakerClosesInit } from "./init_channel.ts";
import type { WebRtc } from "./webrtc.ts";

/** The options of {@linkcode browserWebRtc}. */
export interface BrowserWebRtcOptions {
  /**
   * STUN and TURN servers. Default: none, so that only its peers learn this tab's address; two tabs behind
   * different routers then have the relay only.
   */
  iceServers?: readonly RTCIceServer[];
  /**
   * Whether two defects of @libp2p/webrtc 6.0.33 are worked around in the page's own `RTCPeerConnection.prototype` and
   * `RTCDataChannel.prototype`. Default true. Every WebRTC connection of the page is then concerned: a channel labelled
   * `init` is closed by its maker only, and a connection is closed as soon as its SCTP transport is. With false nothing
   * of the page is changed; one first connection of two tabs in five then takes the relay, and the end of a tab is
   * noticed up to 15 s later.
   */
  patchPrototypes?: boolean;
}

/** WebRTC for a tab, to be passed to `browserTransport`. In a browser without WebRTC it opens nothing. */
export function browserWebRtc(
  { iceServers = [], patchPrototypes = true }: BrowserWebRtcOptions = {},
): WebRtc {
  const rtcConfiguration = { iceServers: [...iceServers] };
  return {
    open() {
      if (!("RTCPeerConnection" in globalThis)) return Promise.resolve(null);
      if (patchPrototypes) {
        onlyItsMakerClosesInit({ connection: RTCPeerConnection, channel: RTCDataChannel });
        closesWithItsPeer(RTCPeerConnection as unknown as ConnectionClass);
      }
      const transports = [webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration })];
      return Promise.resolve({ transports, end: () => {} });
    },
  };
}
