/**
 * WebRTC in Deno, by node-datachannel: for nodes that pages reach without a WebSocket's port. Loads native code, so it is
 * imported only by those who want it.
 *
 * Four things are said to node-datachannel 0.33.4 first, once; each was seen to fail without it.
 *
 * 1. Deno gives no microtask a turn between two callbacks of native code, so that a candidate overtakes the offer that it
 *    belongs to: candidates are handed on later.
 * 2. A candidate that reaches the other side before the descriptions are settled lets it begin the DTLS handshake before
 *    it knows the certificate: candidates wait until signalling is stable.
 * 3. The channel "init": see `init_channel.ts`.
 * 4. A channel's first messages come in one go with its "open", for the reason of 1, and are lost: who awaits "open" has
 *    no turn to listen to them. One WebRTC-direct dial of six failed so.
 * @module
 */
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { RTCDataChannel, RTCPeerConnection } from "node-datachannel/polyfill";
import type { Host } from "../../ports.ts";
import { certificateOf } from "./certificate.ts";
import { onlyItsMakerClosesInit, type WebRtcClasses } from "./init_channel.ts";
import { tryUdpPorts } from "./udp_port.deno.ts";
import { closeChannelsWithConnection, keepStoppedListeners, useNative } from "./webrtc_end.deno.ts";

/** Between two looks at whether signalling is stable, and after it has become so, ms. */
const candidateWait = 5;

/** Candidates wait at most this long, ms: libp2p gives a dial six seconds. */
const candidatesWaitAtMost = 6_000;

let prepared = false;

function prepare(): void {
  if (prepared) return;
  prepared = true;
  const dispatch = EventTarget.prototype.dispatchEvent;
  RTCPeerConnection.prototype.dispatchEvent = function (this: RTCPeerConnection, event: Event): boolean {
    if (event.type !== "icecandidate") return dispatch.call(this, event);
    const begun = performance.now();
    const look = () => {
      if (this.connectionState === "closed") return;
      const ready = this.signalingState === "stable" || performance.now() - begun > candidatesWaitAtMost;
      setTimeout(ready ? () => dispatch.call(this, event) : look, candidateWait);
    };
    setTimeout(look, 0);
    return true;
  };
  const classes = { connection: RTCPeerConnection, channel: RTCDataChannel } as unknown as WebRtcClasses;
  onlyItsMakerClosesInit(classes);
  nothingFollowsOpenAtOnce();
  closeChannelsWithConnection();
  keepStoppedListeners();
}

/** Changes the class, once: what a channel tells after "open" waits until whoever awaited that has gone on. */
function nothingFollowsOpenAtOnce(): void {
  const { dispatchEvent } = RTCDataChannel.prototype;
  const waiting = new WeakMap<RTCDataChannel, Event[]>();
  RTCDataChannel.prototype.dispatchEvent = function (this: RTCDataChannel, event: Event): boolean {
    const queue = waiting.get(this);
    if (queue) return queue.push(event) > 0;
    if (event.type === "open") {
      waiting.set(this, []);
      setTimeout(() => {
        const told = waiting.get(this)!;
        waiting.delete(this);
        for (const next of told) dispatchEvent.call(this, next);
      }, 0);
    }
    return dispatchEvent.call(this, event);
  };
}

/** WebRTC of one node. */
export interface WebRtc {
  /** For libp2p's options: agreed over relays, and direct. No server is asked for addresses. */
  transports: (ReturnType<typeof webRTC> | ReturnType<typeof webRTCDirect>)[];
  /** To be called when the node has stopped, once. */
  end: () => void;
}

/**
 * @param listen Multiaddrs, those of WebRTC-direct among them.
 * @throws {InputError} `listen`
 * @throws {StoreError} If its certificate cannot be kept.
 */
export async function openWebRtc(
  { certificate: keeper }: Pick<Host, "certificate">,
  listen: readonly string[],
): Promise<WebRtc> {
  prepare();
  await tryUdpPorts(listen);
  const rtcConfiguration = { iceServers: [] };
  const certificate = keeper && await certificateOf(keeper, Date.now());
  const direct = webRTCDirect({ rtcConfiguration, ...certificate && { certificate } });
  return { transports: [webRTC({ rtcConfiguration }), direct], end: useNative() };
}
