/**
 * WebRTC in Deno and Node, by node-datachannel, for nodes that pages reach without a WebSocket port. It loads
 * native code.
 *
 * It patches node-datachannel 0.33.4, once, in four ways; each was seen to be necessary.
 *
 * 1. Deno runs no microtasks between two callbacks of native code, so that a candidate overtakes the offer
 *    that it belongs to: candidates are delivered later.
 * 2. If a candidate reaches the other side before the descriptions are set, that side begins the DTLS
 *    handshake before it knows the certificate: candidates wait until signalling is stable.
 * 3. The channel "init": see `init_channel.ts`.
 * 4. A channel's first messages arrive together with its "open", for the reason of 1, and are lost: code that
 *    awaits "open" has no chance to add a listener. One WebRTC-direct dial in six failed because of this.
 * @module
 */
import { webRTC, webRTCDirect } from "@libp2p/webrtc";
import { RTCDataChannel, RTCPeerConnection } from "node-datachannel/polyfill";
import { certificateOf } from "./certificate.ts";
import { onlyItsMakerClosesInit, type WebRtcClasses } from "./init_channel.ts";
import { tryUdpPorts } from "./udp_port.ts";
import type { WebRtc } from "./webrtc.ts";
import { closeChannelsWithConnection, keepStoppedListeners, useNative } from "./native_end.ts";

/** The time between two checks whether signalling is stable, and after it has become stable, ms. */
const candidateWait = 5;

/** The longest time that candidates wait, ms: libp2p gives a dial six seconds. */
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
}

/** Patches the class: a channel's events after "open" wait until the code that awaited "open" has run. */
function nothingFollowsOpenAtOnce(): void {
  const { dispatchEvent } = RTCDataChannel.prototype;
  const waiting = new WeakMap<RTCDataChannel, Event[]>();
  RTCDataChannel.prototype.dispatchEvent = function (this: RTCDataChannel, event: Event): boolean {
    const queue = waiting.get(this);
    if (queue) return queue.push(event) > 0;
    if (event.type === "open") {
      waiting.set(this, []);
      setTimeout(() => {
        const events = waiting.get(this)!;
        waiting.delete(this);
        for (const next of events) dispatchEvent.call(this, next);
      }, 0);
    }
    return dispatchEvent.call(this, event);
  };
}

/**
 * WebRTC for a node in Deno or Node, to be passed to `webSockets`. Others reach the node at a WebRTC-direct address, and
 * over relays. No STUN server is used.
 *
 * In Deno it also needs `--allow-read=node_modules --allow-ffi=node_modules --allow-sys`.
 */
export function webrtc(): WebRtc {
  return {
    async open({ certificate: keeper }, listen) {
      prepare();
      await tryUdpPorts(listen);
      const rtcConfiguration = { iceServers: [] };
      const certificate = keeper && await certificateOf(keeper, Date.now());
      const direct = webRTCDirect({ rtcConfiguration, ...certificate && { certificate } });
      return { transports: [webRTC({ rtcConfiguration }), keepStoppedListeners(direct)], end: useNative() };
    },
  };
}
