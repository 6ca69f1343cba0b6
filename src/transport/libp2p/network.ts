/**
 * A started libp2p node as a {@linkcode Network}.
 * @module
 */
import type { Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { ChannelError, InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { maxFrame, maxInboundStreams } from "../../limits.ts";
import type { Carrier, Reservation } from "../../events.ts";
import type { Channel, HandleOptions, Host, Network, Topic } from "../../ports.ts";
import { carrierOf, relayOf } from "./carrier.ts";
import { undialable } from "./dialable.ts";
import { foundBy, reasonOf } from "./dial_failure.ts";
import type { Gossip } from "./gossip.ts";
import type { Peers } from "./peers.ts";
import { openStream } from "./opening.ts";
import { hopProtocol, type Reservations } from "./reservations.ts";
import { channelOver } from "./streams.ts";

/** The parts of a {@linkcode Libp2pNetwork}. */
export interface NetworkParts {
  host: Host;
  node: Libp2p;
  peers: Peers;
  gossip: Gossip;
  reservations: Reservations;
  /** The protocols that strangers may use. Filled by {@linkcode Libp2pNetwork.handle}. */
  open: Set<string>;
  /** Multiaddrs of peers beside those in the roster, each with its peer id at the end. */
  known: readonly string[];
  /** Whether two peers that meet over a relay can agree on WebRTC. */
  signals: boolean;
  /** Called once, when the node has stopped. */
  stopped: () => void;
}

/**
 * The limits of streams in either direction. A relayed connection may carry every stream that a direct one
 * may.
 */
const streams = { maxOutboundStreams: maxInboundStreams, runOnLimitedConnection: true };

/** A network of libp2p connections. */
export class Libp2pNetwork implements Network {
  readonly self: PeerId;
  readonly #parts: NetworkParts;
  readonly #known: readonly { address: string; peer: PeerId | undefined }[];
  #stopped: Promise<void> | undefined;

  constructor(parts: NetworkParts) {
    this.self = parts.node.peerId.toString();
    this.#parts = parts;
    this.#known = parts.known.map((address) => ({ address, peer: lastPeer(multiaddr(address)) }));
  }

  addresses(): readonly string[] {
    return this.#parts.node.getMultiaddrs().map(String);
  }

  handle(protocol: string, handler: (channel: Channel) => void, options: HandleOptions = {}): void {
    if (options.strangers) this.#parts.open.add(protocol);
    this.#parts.node.handle(protocol, (stream, connection) => {
      const peer = connection.remotePeer.toString();
      const { maxFrame: limit = maxFrame } = options;
      handler(channelOver(stream, { peer, maxFrame: limit, dropped: this.#dropped, negotiated: true }));
    }, { ...streams, maxInboundStreams }).catch(() => {}); // the node has been stopped
  }

  routes(peer: PeerId): readonly string[] {
    const { peers, signals } = this.#parts;
    const known = this.#known.filter((one) => one.peer === peer).map(({ address }) => address);
    const relays = peers.connected().filter((relay) => relay !== peer && this.#isRelay(relay));
    const relayed = relays.map((relay) => `/p2p/${relay}/p2p-circuit${signals ? "/webrtc" : ""}/p2p/${peer}`);
    return [...known, ...relayed];
  }

  async connect(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<void> {
    const { host, peers } = this.#parts;
    if (signal.aborted) throw new ChannelError("aborted", { cause: signal.reason });
    const before = peers.best(peer);
    if (before && !before.limits) return;
    if (!host.admits(peer)) throw new ChannelError("refused");
    try {
      const good = addresses.filter((address) => undialable(address, peer) === null); // one bad one harms no other
      if (addresses.length > 0 && good.length === 0) {
        throw new InputError("addresses", "expected one that leads there");
      }
      const parsed = good.map((address) => addressOf(peer, address));
      const ways = before ? parsed.filter(isDirect) : parsed;
      if (before && ways.length === 0) return;
      const dialled = await this.#parts.node.dial(ways, { signal });
      await raceSignal(peers.entered(dialled), signal);
    } catch (cause) {
      if (peers.best(peer)) return; // the relayed connection stays, though no direct one could replace it
      const reason = signal.aborted ? "aborted" : reasonOf(cause);
      throw new ChannelError(reason, { cause, found: foundBy(cause) });
    }
    if (!peers.best(peer)) throw new ChannelError("refused");
  }

  disconnect(peer: PeerId): Promise<void> {
    return this.#parts.peers.disconnect(peer);
  }

  connected(): readonly PeerId[] {
    return this.#parts.peers.connected();
  }

  async open(
    peer: PeerId,
    protocol: string,
    { maxFrame: limit = maxFrame, signal }: { maxFrame?: number; signal?: AbortSignal },
  ): Promise<Channel> {
    const { peers } = this.#parts;
    const connection = peers.best(peer);
    if (!connection) throw new ChannelError("left");
    peers.greet(connection);
    try {
      const options = { ...streams, ...signal && { signal } };
      const { stream, negotiated } = await openStream(connection, protocol, options);
      return channelOver(stream, { peer, maxFrame: limit, dropped: this.#dropped, negotiated });
    } catch (cause) {
      throw new ChannelError(signal?.aborted ? "aborted" : reasonOf(cause), { cause });
    }
  }

  speaks(peer: PeerId, protocol: string): Promise<boolean> {
    return this.#parts.peers.speaks(peer, protocol);
  }

  latency(peer: PeerId): number | null {
    return this.#parts.peers.latency(peer);
  }

  carrier(peer: PeerId): Carrier | null {
    const { peers } = this.#parts;
    const connection = peers.best(peer);
    if (!connection?.limits) return connection && carrierOf(connection);
    const toRelay = peers.best(relayOf(connection) ?? peer) ?? connection;
    return { ...carrierOf(connection), kind: carrierOf(toRelay).kind };
  }

  reservations(): readonly Reservation[] {
    return this.#parts.reservations.all();
  }

  subscribe(topic: string, handler: Topic): void {
    this.#parts.gossip.subscribe(topic, handler);
  }

  publish(topic: string, message: Uint8Array): Promise<void> {
    return this.#parts.gossip.publish(topic, message);
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    const { node, peers, reservations, stopped } = this.#parts;
    reservations.stop();
    await peers.stop();
    await node.stop();
    stopped();
  }

  readonly #dropped: Host["dropped"] = (code, via) => this.#parts.host.dropped(code, via);

  #isRelay(peer: PeerId): boolean {
    const { peers } = this.#parts;
    return peers.serves(peer, hopProtocol) && peers.best(peer)?.limits === undefined;
  }
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

/** The multiaddr, with the peer id at its end. @throws {Error} If it is no multiaddr, or another peer's. */
function addressOf(peer: PeerId, address: string): Multiaddr {
  const parsed = multiaddr(address);
  const named = lastPeer(parsed);
  if (named === undefined) return parsed.encapsulate(`/p2p/${peerIdFromString(peer)}`);
  if (named !== peer) throw new InputError("address", `expected one of ${peer}, found ${address}`);
  return parsed;
}

const lastPeer = (address: Multiaddr) =>
  address.getComponents().findLast(({ name }) => name === "p2p")?.value;

/** Whether an address leads to a connection that no relay carries. */
function isDirect(address: Multiaddr): boolean {
  const names = new Set(address.getComponents().map(({ name }) => name));
  return !names.has("p2p-circuit") || names.has("webrtc");
}
