/**
 * WebRTC in Deno, by node-datachannel, for nodes that pages reach without a WebSocket port. It loads native
 * code, so it is imported on demand only.
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
import type { Host } from "../../ports.ts";
import { certificateOf } from "./certificate.ts";
import { onlyItsMakerClosesInit, type WebRtcClasses } from "./init_channel.ts";
import { tryUdpPorts } from "./udp_port.deno.ts";
import { closeChannelsWithConnection, keepStoppedListeners, useNative } from "./webrtc_end.deno.ts";

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
  keepStoppedListeners();
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

/** WebRTC of one node. */
export interface WebRtc {
  /** For libp2p's options: WebRTC over relays, and WebRTC-direct. No STUN server is used. */
  transports: (ReturnType<typeof webRTC> | ReturnType<typeof webRTCDirect>)[];
  /** Must be called once, when the node has stopped. */
  end: () => void;
}

/**
 * Opens WebRTC for one node.
 *
 * @param listen Multiaddrs, of WebRTC-direct and others.
 * @throws {InputError} `listen`, if a WebRTC-direct address cannot be listened on.
 * @throws {StoreError} If the node's certificate cannot be read or stored.
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
