/**
 * Fixes of how node-datachannel 0.33.4 ends, so that a process that has used it can end by itself and does
 * not crash.
 *
 * 1. A data channel that is being opened when its connection ends is never reported as closed. In JavaScript
 *    some code then waits for it for ten seconds more; in native code its callbacks stay, and keep the
 *    process running for ever. The former is fixed when a connection closes. The latter needs
 *    node-datachannel's own `cleanup`, which ends every connection of the process: it runs when the last node
 *    with WebRTC has stopped.
 * 2. A listener's `stop` frees it, but does not always remove it from the thread that reads its port:
 *    libdatachannel 0.24.3 leaves the flag for that uninitialized. A browser that still tries to connect then
 *    crashes the process, as in one of four that were stopped while a browser was connecting. So a stopped
 *    listener is kept until its port is needed again, or until browsers have given up. The classes of native
 *    code cannot be patched in Node, so @libp2p/webrtc 6.0.33 is given servers that are stopped later.
 * @module
 */
import type { CreateListenerOptions, Listener, Transport } from "@libp2p/interface";
import { cleanup } from "node-datachannel";
import { RTCDataChannel, RTCPeerConnection } from "node-datachannel/polyfill";

/** The time after which the channels of a closed connection are closed too, ms. */
const closeWait = 100;

/** The time after which browsers have given up connecting to a stopped node, ms. */
const askedNoMore = 2_000;

/** The time in which the last events of native code are delivered, ms. They may open one more channel. */
const lastEventsMs = 50;

const channels = new WeakMap<RTCPeerConnection, Set<RTCDataChannel>>();
const stopped = new Set<UdpServer>();
let users = 0;
let cleaning: ReturnType<typeof setTimeout> | undefined;

/** Counts a user of native code. @returns Ends the use; must be called once. */
export function useNative(): () => void {
  users++;
  clearTimeout(cleaning);
  return () => {
    if (--users > 0) return;
    cleaning = setTimeout(() => {
      for (const server of stopped) free(server);
      cleanup();
      cleaning = setTimeout(cleanup, lastEventsMs);
    }, askedNoMore);
  };
}

/** The used part of what reads a port in @libp2p/webrtc. */
interface UdpServer {
  close(): Promise<void>;
  address(): { port: number };
}
interface DirectListener extends Listener {
  startUDPMuxServer(host: string, port: number, family: 4 | 6): { server: Promise<UdpServer> };
}

/** The transport of WebRTC-direct whose stopped listeners are kept. */
export function keepStoppedListeners<Components>(
  make: (components: Components) => Transport,
): (components: Components) => Transport {
  return (components) => {
    const transport = make(components);
    const createListener = transport.createListener.bind(transport);
    transport.createListener = (options: CreateListenerOptions) => {
      const listener = createListener(options) as DirectListener;
      const start = listener.startUDPMuxServer.bind(listener);
      listener.startUDPMuxServer = (...at) => {
        const started = start(...at);
        return { ...started, server: started.server.then(stoppedLater) };
      };
      return listener;
    };
    return transport;
  };
}

const stoppedLater = (server: UdpServer): UdpServer => ({
  address: () => server.address(),
  close: () => Promise.resolve(void stopped.add(server)),
});

/** Ends the stopped listener of a port that is needed again. */
export function freePort(port: number): void {
  for (const server of stopped) {
    if (server.address().port === port) free(server);
  }
}

function free(server: UdpServer): void {
  stopped.delete(server);
  void server.close();
}

/** Patches the classes, once: the channels of a closed connection are closed. */
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
