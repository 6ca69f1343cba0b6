/**
 * The ports to the other peers: a transport, what it asks of the node, and the streams that it carries.
 * @module
 */
import type { Carrier, CertificateChange, Reservation } from "../events.ts";
import type { PeerId } from "../failure.ts";
import type { Identity } from "./identity.ts";

/** A framed, ordered, two-way stream to one authenticated peer. */
export interface Channel {
  /** The authenticated other side. */
  readonly peer: PeerId;
  /** The protocol of the stream. */
  readonly protocol: string;
  /** Sends one frame; waits while too many bytes are under way. @throws {ChannelError} */
  send(frame: Uint8Array): Promise<void>;
  /**
   * The next frame, or null when the peer has ended its side. One call at a time.
   *
   * @throws {ChannelError} `left` if the stream broke, `refused` if the peer does not serve its protocol,
   * `oversized` if the length prefix was over the limit, `aborted` after {@linkcode Channel.abort}.
   */
  receive(): Promise<Uint8Array | null>;
  /** Ends this side; the peer may still send. Never throws. */
  end(): Promise<void>;
  /** Drops the stream at once, in both directions. Never throws. */
  abort(): void;
}

/** The options of serving a protocol. */
export interface HandleOptions {
  /** Whether peers outside the roster may use it. */
  strangers?: boolean;
  /** Bytes; default {@linkcode maxFrame}. */
  maxFrame?: number;
}

/** The verdict of a gossip validator. `reject` is only for bad bytes and bad signatures. */
export type Verdict = "accept" | "ignore" | "reject";

/** The handler of a topic's messages. */
export interface Topic {
  /** `from` is the neighbour it came over, not its author. */
  validate(message: Uint8Array, from: PeerId): Verdict | Promise<Verdict>;
  /** Receives each accepted message once. */
  deliver(message: Uint8Array): void;
}

/** A started transport. */
export interface Network {
  /** This node. */
  readonly self: PeerId;
  /**
   * The addresses at which this node can be dialled; none in a browser, which is reached through its relays.
   */
  addresses(): readonly string[];
  /**
   * Serves a protocol. The handler owns the channel. Peers outside the roster reach it only with `strangers`.
   */
  handle(protocol: string, handler: (channel: Channel) => void, options?: HandleOptions): void;
  /**
   * Multiaddrs of a peer beside those in the roster, among them those through relays that are connected now.
   * Only dialling shows whether the peer is there.
   */
  routes(peer: PeerId): readonly string[];
  /**
   * Connects to a peer, if it is not connected. A connection through a relay is replaced by a direct one, if
   * that works.
   *
   * @throws {ChannelError}
   */
  connect(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<void>;
  /** Closes the connection, and every stream on it. */
  disconnect(peer: PeerId): Promise<void>;
  /** The peers that are connected now, strangers included. */
  connected(): readonly PeerId[];
  /**
   * Opens a stream on an existing connection. Nothing is awaited from the peer: if it does not take the stream,
   * the first `receive()` says so, and any later `send()`.
   *
   * @throws {ChannelError} `left` if the peer is not connected, `aborted` by the signal, `refused` if too many
   * streams are open.
   */
  open(
    peer: PeerId,
    protocol: string,
    options: { maxFrame?: number; signal?: AbortSignal },
  ): Promise<Channel>;
  /** Whether the peer has announced that it serves `protocol`. */
  speaks(peer: PeerId, protocol: string): Promise<boolean>;
  /** Round-trip time, ms, or null while unknown. */
  latency(peer: PeerId): number | null;
  /** The carrier of new streams to that peer; null while it is not connected. */
  carrier(peer: PeerId): Carrier | null;
  /** The relays through which this node can be reached, or that it asks for that. */
  reservations(): readonly Reservation[];
  /** Subscribes to a topic. */
  subscribe(topic: string, handler: Topic): void;
  /** Publishes a message. Never throws because nobody is subscribed. */
  publish(topic: string, message: Uint8Array): Promise<void>;
  /** Closes everything. */
  stop(): Promise<void>;
}

/** A certificate (X.509) and its private key (PKCS #8), both in DER. */
export interface TlsCertificate {
  /** The part that peers see. */
  certificate: Uint8Array;
  /**
   * The secret part. It proves no identity: a thief can answer at the node's address, and is then detected.
   */
  privateKey: Uint8Array;
}

/** Keeps a transport's certificate from one start to the next. */
export interface TlsCertificateKeeper {
  /** Loads the certificate; `damaged` if there is one that cannot be read. @throws {StoreError} */
  load(): Promise<TlsCertificate | "damaged" | null>;
  /** Replaces the certificate and reports the change; resolves when durable. @throws {StoreError} */
  replace(next: TlsCertificate, change: CertificateChange): Promise<void>;
}

/** The node, as its transport sees it: what the transport asks it and reports to it. */
export interface Host {
  /** The identity of this node. */
  readonly identity: Identity;
  /** Whether a peer may connect as a member of the roster. */
  admits(peer: PeerId): boolean;
  /** The number of strangers that may be connected now: 0 while no invitation is open. */
  strangers(): number;
  /**
   * Whether a stranger may stay after its time: its request is valid, and a person is being asked about it.
   */
  waits?(peer: PeerId): boolean;
  /** Keeps the certificate of a transport that needs one. Without it, each start makes a new one. */
  readonly certificate?: TlsCertificateKeeper;
  /** A peer has connected; called once. */
  connected(peer: PeerId): void;
  /** The last connection to a peer is gone. */
  disconnected(peer: PeerId): void;
  /** The carrier of new streams to a peer may have changed, or more peers may be reached through it. */
  changed(peer: PeerId): void;
  /** A relay now makes this node reachable, or no longer does and is asked again. */
  reservation(reservation: Reservation): void;
  /** Frames or a connection were dropped. */
  dropped(code: "unauthentic-frame" | "oversized-frame" | "foreign-frame", via: PeerId | null): void;
}

/** A way to reach peers, not yet started. */
export interface Transport {
  /** `websocket`, `tab`, `memory`. */
  readonly kind: string;
  /** Starts listening, and reports to `host`. */
  start(host: Host): Promise<Network>;
}
