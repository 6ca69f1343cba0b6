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
  /** What is spoken on it. */
  readonly protocol: string;
  /** Hands one frame over; waits while too much is under way. @throws {ChannelError} */
  send(frame: Uint8Array): Promise<void>;
  /**
   * The next frame, or null when the peer has ended its side. One call at a time.
   *
   * @throws {ChannelError} `left` if the stream broke, `oversized` if the length prefix was over the limit,
   * `aborted` after {@linkcode Channel.abort}.
   */
  receive(): Promise<Uint8Array | null>;
  /** Ends this side; the peer may go on. Never throws. */
  end(): Promise<void>;
  /** Drops the stream at once, both ways. Never throws. */
  abort(): void;
}

/** How a protocol is served. */
export interface HandleOptions {
  /** Whether peers outside the roster may use it. */
  strangers?: boolean;
  /** Bytes; default {@linkcode maxFrame}. */
  maxFrame?: number;
}

/** What a gossip validator says: Reject is only for bad bytes and bad signatures. */
export type Verdict = "accept" | "ignore" | "reject";

/** What becomes of a topic's messages. */
export interface Topic {
  /** `from` is the neighbour it came over, not its author. */
  validate(message: Uint8Array, from: PeerId): Verdict | Promise<Verdict>;
  /** An accepted message, once. */
  deliver(message: Uint8Array): void;
}

/** A started transport. */
export interface Network {
  /** This node. */
  readonly self: PeerId;
  /** Where this node can be dialled; empty in a browser, which is reached over its relays. */
  addresses(): readonly string[];
  /** Serves a protocol. The handler owns the channel. Peers outside the roster reach it only with `strangers`. */
  handle(protocol: string, handler: (channel: Channel) => void, options?: HandleOptions): void;
  /**
   * Ways to a peer beside those that the roster has: multiaddrs, among them those over relays that are connected now.
   * Whether the peer is there is found out by dialling.
   */
  routes(peer: PeerId): readonly string[];
  /**
   * Connects, if not connected. One that is connected over a relay only is asked for something better, and stays
   * connected if there is nothing. @throws {ChannelError}
   */
  connect(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<void>;
  /** Closes the connection, and every stream on it. */
  disconnect(peer: PeerId): Promise<void>;
  /** Who is connected now, strangers among them. */
  connected(): readonly PeerId[];
  /** Opens a stream on an existing connection. @throws {ChannelError} */
  open(
    peer: PeerId,
    protocol: string,
    options: { maxFrame?: number; signal?: AbortSignal },
  ): Promise<Channel>;
  /** Whether the peer has said that it serves `protocol`. */
  speaks(peer: PeerId, protocol: string): Promise<boolean>;
  /** Round-trip time, ms, or null while unknown. */
  latency(peer: PeerId): number | null;
  /** What carries new streams to that peer; null while not connected. */
  carrier(peer: PeerId): Carrier | null;
  /** The relays over which this node can be reached, and those that it asks for it. */
  reservations(): readonly Reservation[];
  /** Listens to a topic. */
  subscribe(topic: string, handler: Topic): void;
  /** Never throws for want of listeners. */
  publish(topic: string, message: Uint8Array): Promise<void>;
  /** Closes everything. */
  stop(): Promise<void>;
}

/** A certificate (X.509) and its private key (PKCS #8), both in DER. */
export interface TlsCertificate {
  /** What peers are shown. */
  certificate: Uint8Array;
  /** Secret, though it proves nobody's identity: who has it can listen at the node's address and is found out. */
  privateKey: Uint8Array;
}

/** Where a transport's certificate stays from one start to the next. */
export interface TlsCertificateKeeper {
  /** `damaged`: there was one. @throws {StoreError} */
  load(): Promise<TlsCertificate | "damaged" | null>;
  /** Takes the place of the one before; resolves when durable, and is told. @throws {StoreError} */
  replace(next: TlsCertificate, change: CertificateChange): Promise<void>;
}

/** What a transport asks of, and tells, the node above it. */
export interface Host {
  /** Who this node is. */
  readonly identity: Identity;
  /** Whether a peer may be connected as one of us. */
  admits(peer: PeerId): boolean;
  /** How many strangers may be connected at this moment: 0 while no invite is open. */
  strangers(): number;
  /** Whether a stranger may stay although its time is over: it has asked well, and a person is being asked about it. */
  waits?(peer: PeerId): boolean;
  /** Where its certificate is, if it needs one. Without, it makes a new one with each start. */
  readonly certificate?: TlsCertificateKeeper;
  /** A peer is connected; told once. */
  connected(peer: PeerId): void;
  /** The last connection to a peer is gone. */
  disconnected(peer: PeerId): void;
  /** What carries new streams to a peer may be another now, or more peers may be reached over it. */
  changed(peer: PeerId): void;
  /** A relay lets this node be reached, or does no longer and is asked again. */
  reservation(reservation: Reservation): void;
  /** Something was dropped on the floor. */
  dropped(code: "unauthentic-frame" | "oversized-frame" | "foreign-frame", via: PeerId | null): void;
}

/** A way to reach peers, not yet started. */
export interface Transport {
  /** `websocket`, `tab`, `memory`. */
  readonly kind: string;
  /** Listens, and tells `host` what comes. */
  start(host: Host): Promise<Network>;
}
