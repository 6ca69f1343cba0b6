/**
 * The end of node-datachannel 0.33.4, so that a process that has used it can end by itself, and does not crash.
 *
 * 1. A data channel that its connection's end overtakes, because it was being opened at that moment, is never said to be
 *    closed. In JavaScript somebody then waits for it for ten seconds more; in native code its callbacks stay, and keep
 *    the process running for ever. The first is mended when a connection closes; the second needs node-datachannel's own
 *    `cleanup`, which ends every connection of the process: so it is done when the last node with WebRTC has stopped.
 * 2. A listener's `stop` frees it, but does not always take it out of the thread that reads its port: libdatachannel
 *    0.24.3 leaves the flag for that uninitialized. A browser that goes on asking then crashes the process, as it did
 *    in one of four that were stopped while a browser was connecting. So a stopped listener is kept, until its port is
 *    wanted again, or until browsers have given up.
 * @module
 */
import { cleanup, IceUdpMuxListener } from "node-datachannel";
import { RTCDataChannel, RTCPeerConnection } from "node-datachannel/polyfill";

/** Channels of a closed connection are told that they are closed after this time, ms, if nobody did before. */
const closeWait = 100;

/** Browsers ask no more for a connection of a node that has stopped after this time, ms. */
const askedNoMore = 2_000;

/** What native code has told before its end is delivered within this time, ms, and may bring one more channel. */
const lastWords = 50;

const channels = new WeakMap<RTCPeerConnection, Set<RTCDataChannel>>();
const stopped = new Set<IceUdpMuxListener>();
let stopListener: (this: IceUdpMuxListener) => void;
let users = 0;
let cleaning: ReturnType<typeof setTimeout> | undefined;

/** Someone uses it. @returns Ends its use; to be called once. */
export function useNative(): () => void {
  users++;
  clearTimeout(cleaning);
  return () => {
    if (--users > 0) return;
    cleaning = setTimeout(() => {
      for (const listener of stopped) free(listener);
      cleanup();
      cleaning = setTimeout(cleanup, lastWords);
    }, askedNoMore);
  };
}

/** Changes the class, once: listeners that are stopped are kept. */
export function keepStoppedListeners(): void {
  stopListener = IceUdpMuxListener.prototype.stop;
  IceUdpMuxListener.prototype.stop = function (this: IceUdpMuxListener): void {
    stopped.add(this);
  };
}

/** Ends the stopped listener of a port that is wanted again. */
export function freePort(port: number): void {
  for (const listener of stopped) {
    if (listener.port() === port) free(listener);
  }
}

function free(listener: IceUdpMuxListener): void {
  stopListener.call(listener);
  stopped.delete(listener);
}

/** Changes the classes, once: channels of a closed connection are closed. */
export function closeChannelsWithConnection(): void {
  const { createDataChannel, dispatchEvent } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createDataChannel = function (this: RTCPeerConnection, ...init) {
    const channel = createDataChannel.apply(this, init);
    watch(this, channel);
    return channel;
  };
  RTCPeerConnection.prototype.dispatchEvent = function (this: RTCPeerConnection, event: Event): boolean {
    if ("channel" in event && event.channel instanceof RTCDataChannel) watch(this, event.channel);
    if (event.type === "connectionstatechange" && this.connectionState === "closed") {
      setTimeout(() => closeAll(this), closeWait);
    }
    return dispatchEvent.call(this, event);
  };
}

function watch(connection: RTCPeerConnection, channel: RTCDataChannel): void {
  const open = channels.get(connection) ?? new Set();
  channels.set(connection, open.add(channel));
  channel.addEventListener("close", () => open.delete(channel), { once: true });
}

function closeAll(connection: RTCPeerConnection): void {
  for (const channel of channels.get(connection) ?? []) channel.dispatchEvent(new Event("close"));
}
