/**
 * A libp2p node as a {@linkcode Network}. What carries the connections comes from the platform's file.
 * @module
 */
import type { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import type { IdentifyResult } from "@libp2p/interface";
import type { ConnectionManagerInit } from "libp2p";
import { noise } from "@libp2p/noise";
import { peerIdFromString } from "@libp2p/peer-id";
import { yamux } from "@libp2p/yamux";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import { ChannelError, InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { maxFrame, maxInboundStreams, maxParties } from "../../limits.ts";
import type { Channel, HandleOptions, Host, Network } from "../../ports.ts";
import { carrierOf, relayOf } from "./carrier.ts";
import { fence, gater } from "./gater.ts";
import { Gossip } from "./gossip.ts";
import { undialable } from "./dialable.ts";
import { Peers } from "./peers.ts";
import { answerPing, pingProtocol, pingStreams } from "./ping.ts";
import { hopProtocol, Reservations } from "./reservations.ts";
import { channelOver } from "./streams.ts";

/** What a platform brings. */
export interface Platform {
  transports: NonNullable<Libp2pOptions["transports"]>;
  /** Multiaddrs. */
  listen?: readonly string[];
  /** Multiaddrs that others are told instead of those listened on. */
  announce?: readonly string[];
  /** Multiaddrs of peers beside those in the roster, each with its peer id at the end. */
  known?: readonly string[];
  /** Whether it has to be reached over relays. */
  reserve?: boolean;
  /** Whether two that meet over a relay can agree on WebRTC. */
  signals?: boolean;
  /** Serves those who are to be reached over this node. */
  relay?: ReturnType<typeof circuitRelayServer>;
}

const connectionManager: ConnectionManagerInit = {
  // libp2p lets five in from one address in a second. A cluster on one host, or behind one NAT, starts all at once: 64
  // peers of a roster and some that try again. At a few ms of handshake each, no address takes half of this thread.
  inboundConnectionThreshold: 100,
  maxIncomingPendingConnections: 4 * maxParties,
  reconnectRetries: 0, // the cluster's dialler does it
};

/** 256 KiB: the least that yamux allows, three frames; and it must not grow, for it bounds what a stream buffers. */
const window = 256 * 1024;

/** Starts a node. @throws {InputError} If the identity's name is not that of its key. */
export async function startNode(host: Host, platform: Platform): Promise<Network> {
  const privateKey = await generateKeyPairFromSeed("Ed25519", host.identity.secrets().peerSeed);
  const gossip = new Gossip(host);
  const open = new Set<string>();
  const peers: Peers = new Peers(
    host,
    (connection): Promise<IdentifyResult> => node.services.identify.identify(connection),
  );
  const reservations: Reservations = new Reservations(host, peers);
  peers.introduced = (peer) => {
    if (platform.reserve) reservations.introduced(peer);
    if (peers.serves(peer, hopProtocol)) host.changed(peer); // others may be reached over it
  };
  const node = await createLibp2p({
    privateKey,
    addresses: { listen: [...platform.listen ?? []], announce: [...platform.announce ?? []] },
    transports: [...platform.transports, reservations.transport],
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
      ...platform.relay ? { relay: platform.relay } : {},
    },
    start: false,
  });
  const self = node.peerId.toString();
  if (self !== host.identity.peer) {
    throw new InputError("identity", `expected the peer id of its key, ${self}, found ${host.identity.peer}`);
  }
  node.addEventListener("connection:open", ({ detail }) => peers.opened(detail));
  node.addEventListener("connection:close", ({ detail }) => peers.closed(detail));
  peers.start();
  try {
    await node.handle(pingProtocol, answerPing, {
      maxInboundStreams: pingStreams,
      runOnLimitedConnection: true,
    });
    await node.start();
  } catch (error) {
    reservations.stop();
    await peers.stop();
    throw error;
  }

  const dropped: Host["dropped"] = (code, via) => host.dropped(code, via);
  let stopped: Promise<void> | undefined;
  const known = (platform.known ?? []).map((address) => ({ address, peer: lastPeer(multiaddr(address)) }));
  const isRelay = (peer: PeerId) => peers.serves(peer, hopProtocol) && peers.best(peer)?.limits === undefined;
  // What one end of a connection can do, both can: a relayed stream runs as any other.
  const streams = { maxOutboundStreams: maxInboundStreams, runOnLimitedConnection: true };
  return {
    self,
    addresses: () => node.getMultiaddrs().map(String),

    handle(protocol: string, handler: (channel: Channel) => void, options: HandleOptions = {}) {
      if (options.strangers) open.add(protocol);
      node.handle(protocol, (stream, connection) => {
        const peer = connection.remotePeer.toString();
        handler(channelOver(stream, { peer, maxFrame: options.maxFrame ?? maxFrame, dropped }));
      }, { ...streams, maxInboundStreams }).catch(() => {}); // stopped meanwhile
    },

    routes: (peer) => [
      ...known.filter((one) => one.peer === peer).map(({ address }) => address),
      ...peers.connected().filter((relay) => relay !== peer && isRelay(relay)).map((relay) =>
        `/p2p/${relay}/p2p-circuit${platform.signals ? "/webrtc" : ""}/p2p/${peer}`
      ),
    ],

    async connect(peer, addresses, signal) {
      if (signal.aborted) throw new ChannelError("aborted", { cause: signal.reason });
      const before = peers.best(peer);
      if (before && !before.limits) return;
      if (!host.admits(peer)) throw new ChannelError("refused");
      try {
        const good = addresses.filter((address) => undialable(address, peer) === null); // one bad one harms no other
        if (addresses.length > 0 && good.length === 0) {
          throw new InputError("addresses", "expected one that leads there");
        }
        const ways = good.map((address) => addressOf(peer, address)).filter((way) =>
          !before || isBetter(way)
        );
        if (before && ways.length === 0) return;
        const dialled = await node.dial(ways, { signal });
        await raceSignal(peers.entered(dialled), signal);
      } catch (cause) {
        if (peers.best(peer)) return; // over a relay: what it was to help to has failed
        throw new ChannelError(signal.aborted ? "aborted" : reasonOf(cause), {
          cause,
          found: foundBy(cause),
        });
      }
      if (!peers.best(peer)) throw new ChannelError("refused");
    },

    disconnect: (peer) => peers.disconnect(peer),
    connected: () => peers.connected(),

    async open(peer, protocol, { maxFrame: limit = maxFrame, signal }) {
      const connection = peers.best(peer);
      if (!connection) throw new ChannelError("left");
      peers.greet(connection);
      try {
        const stream = await connection.newStream(protocol, { ...streams, ...signal && { signal } });
        return channelOver(stream, { peer, maxFrame: limit, dropped });
      } catch (cause) {
        throw new ChannelError(signal?.aborted ? "aborted" : reasonOf(cause), { cause });
      }
    },

    speaks: (peer, protocol) => peers.speaks(peer, protocol),
    latency: (peer) => peers.latency(peer),
    carrier(peer) {
      const connection = peers.best(peer);
      if (!connection?.limits) return connection && carrierOf(connection);
      const toRelay = peers.best(relayOf(connection) ?? peer) ?? connection;
      return { ...carrierOf(connection), kind: carrierOf(toRelay).kind };
    },
    reservations: () => reservations.all(),
    subscribe: (topic, handler) => gossip.subscribe(topic, handler),
    publish: (topic, message) => gossip.publish(topic, message),

    stop: () =>
      stopped ??= (async () => {
        reservations.stop();
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
  const named = lastPeer(parsed);
  if (named === undefined) return parsed.encapsulate(`/p2p/${peerIdFromString(peer)}`);
  if (named !== peer) throw new InputError("address", `expected one of ${peer}, found ${address}`);
  return parsed;
}

const lastPeer = (address: Multiaddr) =>
  address.getComponents().findLast(({ name }) => name === "p2p")?.value;

/** Whether what is dialled so is no relayed connection. */
function isBetter(address: Multiaddr): boolean {
  const names = new Set(address.getComponents().map(({ name }) => name));
  return !names.has("p2p-circuit") || names.has("webrtc");
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
  return errorsIn(error).some(({ name }) => refusals.has(name)) ? "refused" : "left";
}

/**
 * Who answered that is not the one we want, by its own word: @libp2p/noise 17.0.3 has not checked its signature yet, and
 * says whom it has found in the words of its error alone.
 */
function foundBy(error: unknown): PeerId | null {
  for (const { message } of errorsIn(error)) {
    const found = /^Payload identity key (\w+) does not match expected remote identity key /.exec(message)
      ?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

const errorsIn = (error: unknown): Error[] =>
  (error instanceof AggregateError ? error.errors : [error]).filter((one) => one instanceof Error);
