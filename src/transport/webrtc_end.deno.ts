/**
 * The end of node-datachannel 0.33.4, so that a process that has used it can end by itself.
 *
 * A data channel that its connection's end overtakes, because it was being opened at that moment, is never said to be
 * closed. In JavaScript somebody then waits for it for ten seconds more; in native code its callbacks stay, and keep the
 * process running for ever. The first is mended when a connection closes; the second needs node-datachannel's own
 * `cleanup`, which ends every connection of the process: so it is done when the last node with WebRTC has stopped.
 * @module
 */
import { cleanup } from "node-datachannel";
import { RTCDataChannel, RTCPeerConnection } from "node-datachannel/polyfill";

/** Channels of a closed connection are told that they are closed after this time, ms, if nobody did before. */
const closeWait = 100;

/** What native code has told before its end is delivered within this time, ms, and may bring one more channel. */
const lastWords = 50;

const channels = new WeakMap<RTCPeerConnection, Set<RTCDataChannel>>();
let users = 0;

/** Someone uses it. @returns Ends its use; to be called once. */
export function useNative(): () => Promise<void> {
  users++;
  return async () => {
    if (--users > 0) return;
    cleanup();
    await new Promise((resolve) => setTimeout(resolve, lastWords));
    if (users === 0) cleanup();
  };
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
