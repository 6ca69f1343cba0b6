/**
 * A transport whose streams pass through a test. Not a test by itself.
 * @module
 */
import type { Channel, Network, Transport } from "../../src/ports.ts";

/** The transport, whose streams each are what `wrap` makes of them. */
export function watchedStreams(transport: Transport, wrap: (channel: Channel) => Channel): Transport {
  return {
    kind: transport.kind,
    async start(host) {
      const network = await transport.start(host);
      return {
        ...bound(network),
        handle: (protocol, handler, options) =>
          network.handle(protocol, (channel) => handler(wrap(channel)), options),
        open: async (peer, protocol, options) => wrap(await network.open(peer, protocol, options)),
      };
    },
  };
}

function bound(network: Network): Network {
  return {
    self: network.self,
    addresses: () => network.addresses(),
    handle: (...given) => network.handle(...given),
    routes: (peer) => network.routes(peer),
    connect: (...given) => network.connect(...given),
    disconnect: (peer) => network.disconnect(peer),
    connected: () => network.connected(),
    open: (...given) => network.open(...given),
    speaks: (...given) => network.speaks(...given),
    latency: (peer) => network.latency(peer),
    carrier: (peer) => network.carrier(peer),
    reservations: () => network.reservations(),
    subscribe: (...given) => network.subscribe(...given),
    publish: (...given) => network.publish(...given),
    stop: () => network.stop(),
  };
}

/** The stream, each frame of which comes `ms()` later than the one before it was taken. */
export function delayed(channel: Channel, ms: () => number): Channel {
  return {
    ...boundChannel(channel),
    async receive() {
      const frame = await channel.receive();
      if (frame !== null) await new Promise((resolve) => setTimeout(resolve, ms()));
      return frame;
    },
  };
}

/** The stream, whose methods a test can replace. */
export function boundChannel(channel: Channel): Channel {
  return {
    peer: channel.peer,
    protocol: channel.protocol,
    send: (frame) => channel.send(frame),
    receive: () => channel.receive(),
    end: () => channel.end(),
    abort: () => channel.abort(),
  };
}
