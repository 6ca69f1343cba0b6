/**
 * A libp2p node as a {@linkcode Network}. What carries the connections comes from the platform's file.
 * @module
 */
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { ConnectionManagerInit } from "libp2p";
import { noise } from "@libp2p/noise";
import { peerIdFromString } from "@libp2p/peer-id";
import { yamux } from "@libp2p/yamux";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { ChannelError, InputError, type PeerId } from "../failure.ts";
import { maxFrame, maxInboundStreams, maxParties } from "../limits.ts";
import type { Channel, HandleOptions, Host, Network } from "../ports.ts";
import { fence, gater } from "./gater.ts";
import { Gossip } from "./gossip.ts";
import { Peers } from "./peers.ts";
import { answerPing, pingProtocol, pingStreams } from "./ping.ts";
import { channelOver } from "./streams.ts";

/** What a platform brings. */
export interface Carrier {
  /** What {@linkcode Network.carrier} answers. */
  kind: string;
  transports: NonNullable<Libp2pOptions["transports"]>;
  /** Multiaddrs. */
  listen?: readonly string[];
  /** Multiaddrs that others are told instead of those listened on. */
  announce?: readonly string[];
}

const connectionManager: ConnectionManagerInit = {
  // libp2p lets five in from one address in a second. A cluster on one host, or behind one NAT, starts all at once.
  inboundConnectionThreshold: 1_000,
  maxIncomingPendingConnections: 4 * maxParties,
};

/** 256 KiB: the least that yamux allows, three frames; and it must not grow, for it bounds what a stream buffers. */
const window = 256 * 1024;

/** Starts a node. @throws {InputError} If the identity's name is not that of its key. */
export async function startNode(host: Host, carrier: Carrier): Promise<Network> {
  const privateKey = await generateKeyPairFromSeed("Ed25519", host.identity.secrets().peerSeed);
  const gossip = new Gossip(host);
  const open = new Set<string>();
  const node = await createLibp2p({
    privateKey,
    addresses: { listen: [...carrier.listen ?? []], announce: [...carrier.announce ?? []] },
    transports: carrier.transports,
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({ streamOptions: { initialStreamWindowSize: window, maxStreamWindowSize: window } }),
    ],
    connectionGater: gater(host),
    connectionManager,
    connectionMonitor: { enabled: false }, // Peers does it, and leaves strangers alone
    nodeInfo: { name: "quorate", userAgent: "quorate" },
    services: {
      fence: fence({ host, open, passed: (connection) => peers.greet(connection) }),
      identify: identify({ runOnConnectionOpen: false }), // only among us: see Peers
      pubsub: gossip.service,
    },
    start: false,
  });
  const self = node.peerId.toString();
  if (self !== host.identity.peer) {
    throw new InputError("identity", `expected the peer id of its key, ${self}, found ${host.identity.peer}`);
  }
  const peers = new Peers(host, (connection) => node.services.identify.identify(connection));
  node.addEventListener("connection:open", ({ detail }) => peers.opened(detail));
  node.addEventListener("connection:close", ({ detail }) => peers.closed(detail));
  try {
    await node.handle(pingProtocol, answerPing, { maxInboundStreams: pingStreams });
    await node.start();
  } catch (error) {
    await peers.stop();
    throw error;
  }

  const dropped: Host["dropped"] = (code, via) => host.dropped(code, via);
  let stopped: Promise<void> | undefined;
  return {
    self,
    addresses: () => node.getMultiaddrs().map(String),

    handle(protocol: string, handler: (channel: Channel) => void, options: HandleOptions = {}) {
      if (options.strangers) open.add(protocol);
      node.handle(protocol, (stream, connection) => {
        const peer = connection.remotePeer.toString();
        handler(channelOver(stream, { peer, maxFrame: options.maxFrame ?? maxFrame, dropped }));
      }, { maxInboundStreams, maxOutboundStreams: maxInboundStreams }).catch(() => {}); // stopped meanwhile
    },

    async connect(peer, addresses, signal) {
      if (signal.aborted) throw new ChannelError("aborted", { cause: signal.reason });
      if (peers.newest(peer)) return;
      if (!host.admits(peer)) throw new ChannelError("refused");
      try {
        const dialled = await node.dial(addresses.map((address) => addressOf(peer, address)), { signal });
        await raceSignal(peers.entered(dialled), signal);
      } catch (cause) {
        throw new ChannelError(signal.aborted ? "aborted" : reasonOf(cause), { cause });
      }
      if (!peers.newest(peer)) throw new ChannelError("refused");
    },

    disconnect: (peer) => peers.disconnect(peer),
    connected: () => peers.connected(),

    async open(peer, protocol, { maxFrame: limit = maxFrame, signal }) {
      const connection = peers.newest(peer);
      if (!connection) throw new ChannelError("left");
      peers.greet(connection);
      try {
        const options = { maxOutboundStreams: maxInboundStreams, ...signal && { signal } };
        const stream = await connection.newStream(protocol, options);
        return channelOver(stream, { peer, maxFrame: limit, dropped });
      } catch (cause) {
        throw new ChannelError(signal?.aborted ? "aborted" : reasonOf(cause), { cause });
      }
    },

    speaks: (peer, protocol) => peers.speaks(peer, protocol),
    latency: (peer) => peers.latency(peer),
    carrier: (peer) => peers.newest(peer) && carrier.kind,
    subscribe: (topic, handler) => gossip.subscribe(topic, handler),
    publish: (topic, message) => gossip.publish(topic, message),

    stop: () =>
      stopped ??= (async () => {
        await peers.stop();
        await node.stop();
      })(),
  };
}

async function raceSignal(done: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([done, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** @throws If it is no multiaddr, or another peer's. */
function addressOf(peer: PeerId, address: string): Multiaddr {
  const parsed = multiaddr(address);
  const named = parsed.getComponents().findLast(({ name }) => name === "p2p")?.value;
  if (named === undefined) return parsed.encapsulate(`/p2p/${peerIdFromString(peer)}`);
  if (named !== peer) throw new InputError("address", `expected one of ${peer}, found ${address}`);
  return parsed;
}

/** libp2p's names for: somebody is there, and it is not the one we want, or does not want us. */
const refusals = new Set([
  "ConnectionDeniedError",
  "ConnectionInterceptedError",
  "DialDeniedError",
  "EncryptionFailedError",
  "InputError",
  "InvalidPeerIdError",
  "MuxerUnavailableError",
  "TooManyOutboundProtocolStreamsError",
  "UnexpectedPeerError",
  "UnsupportedProtocolError",
]);

function reasonOf(error: unknown): "refused" | "left" {
  const errors = error instanceof AggregateError ? error.errors : [error];
  return errors.some((one) => one instanceof Error && refusals.has(one.name)) ? "refused" : "left";
}
