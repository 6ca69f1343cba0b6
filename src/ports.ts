/**
 * All that is injected. Adapters implement these; the layers between know nothing else of the outside.
 * @module
 */
import type { Carrier, CertificateChange, Curve, Reservation } from "./events.ts";
import type { SessionError } from "./errors.ts";
import type { PeerId } from "./failure.ts";

/** Time. Deadlines are measured on `monotonic`, dates on `now`. */
export interface Clock {
  /** Wall time, ms since 1970. */
  now(): number;
  /** Never goes back; ms since some moment. */
  monotonic(): number;
  /** Calls `fire` once, `ms` from now, unless disposed of first. */
  timer(ms: number, fire: () => void): Disposable;
}

/** Draws `length` uniform bytes. */
export type Random = (length: number) => Uint8Array;

/** Who this node is, and what opens its records: two keys, one object. */
export interface Identity {
  /** The peer id of the Ed25519 key. */
  readonly peer: PeerId;
  /** Ed25519 over `message`: 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** Whether `signature` is `peer`'s over `message`. False, never an error, for bytes of any other shape. */
  verify(peer: PeerId, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** The secrets themselves: for the transport and for the vault, which need them, and for nothing else. */
  secrets(): IdentitySecrets;
}

/** The two secret keys of a peer. */
export interface IdentitySecrets {
  /** The Ed25519 seed of the peer key, 32 bytes. */
  peerSeed: Uint8Array;
  /** The age identity that opens this node's records: `AGE-SECRET-KEY-1…`. */
  storageKey: string;
}

/** Sealed bytes by name. What they say, and what seals them, is the node's business. */
export interface Store {
  /**
   * Reads a record.
   *
   * @returns The record and its version, or null if there is none.
   * @throws {StoreError} If that could not be found out. Trouble is never "absent".
   */
  get(name: string): Promise<{ version: number; sealed: Uint8Array } | null>;
  /**
   * Compare-and-set: writes (or, for null, deletes) if the version is still `from`; null means absent.
   * Resolves when durable.
   *
   * @returns Whether it was written. A fresh record has version 1; each write adds one.
   * @throws {StoreError} If it could not be written; then nothing was.
   */
  swap(name: string, from: number | null, sealed: Uint8Array | null): Promise<boolean>;
  /** The names that begin with `prefix`, sorted. */
  names(prefix: string): Promise<string[]>;
  /**
   * Takes it for this user alone, until it is closed or the process ends: two nodes on one store would each write over
   * what the other keeps in memory. Without it nothing keeps a second one out.
   *
   * @throws {InputError} `store`, if another has claimed it.
   */
  claim?(): Promise<void>;
  /** Ends its use. */
  close(): Promise<void>;
}

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
export interface Certificate {
  /** What peers are shown. */
  certificate: Uint8Array;
  /** Secret, though it proves nobody's identity: who has it can listen at the node's address and is found out. */
  privateKey: Uint8Array;
}

/** Where a transport's certificate stays from one start to the next. */
export interface CertificateKeeper {
  /** `damaged`: there was one. @throws {StoreError} */
  load(): Promise<Certificate | "damaged" | null>;
  /** Takes the place of the one before; resolves when durable, and is told. @throws {StoreError} */
  replace(next: Certificate, change: CertificateChange): Promise<void>;
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
  readonly certificate?: CertificateKeeper;
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

/** A message that its sender cannot deny. The signature covers session, round, from, to and SHA-256(body). */
export interface Envelope {
  /** 32 bytes. */
  session: Uint8Array;
  round: string;
  from: PeerId;
  /** Its one recipient, or "*": the same for all. */
  to: PeerId | "*";
  body: Uint8Array;
  /** 64 bytes. */
  signature: Uint8Array;
}

/** What a signature of an envelope says, without the body. */
export type Statement = Omit<Envelope, "body"> & { bodyHash: Uint8Array };

/** One session's way to its peers, above signing and sealing. */
export interface Wire {
  readonly self: PeerId;
  /** Everyone taking part, this node included, in the order all agree on. */
  readonly party: readonly PeerId[];
  /**
   * Signs, seals and sends. `audience` says what the signature names as recipient: a broadcast is signed once and is
   * the same for all. Never throws: a peer that cannot be reached is heard of as `left`.
   */
  send(to: PeerId, round: string, body: Uint8Array, audience: "one" | "all"): void;
  /** Whether a statement of this session carries its author's signature. */
  verify(statement: Statement): Promise<boolean>;
}

/** What a run hears from its session. */
export type Incoming =
  /** Authentic, in this session, addressed to this node; or, as evidence, to someone else in it. */
  | { type: "envelope"; envelope: Envelope; evidence: boolean }
  /** The peer's stream ended. Whether it still owed something, the run knows. */
  | { type: "left"; peer: PeerId }
  /** The peer has said that it is ending: nothing more will come, and it is not silent. */
  | { type: "excused"; peer: PeerId };

/** What a run tells its session. */
export type Progress =
  | { type: "round"; round: string; state: "begun" | "done"; deadlineMs: number }
  | { type: "heard"; round: string; from: PeerId }
  /** Between rounds: so much of a long computation is done, 0 to 1. */
  | { type: "work"; done: number };

/** A run's ends of the wire, as the session hands them in. */
export interface RunIo {
  wire: Wire;
  /** Sets who is told of what comes in; what came before is told at once. */
  listen(listener: (incoming: Incoming) => void): void;
  progress(progress: Progress): void;
  /**
   * A check of these peers has failed that must never be made again: nothing more leaves any session with them under this
   * key. Resolves when the ban is durable; only then may anyone hear of it. Also works when the run was ended meanwhile.
   *
   * @throws {StoreError} If it could not be written. It holds all the same for as long as this node runs.
   */
  ban(peers: readonly PeerId[]): Promise<void>;
  /** Aborted with a {@linkcode SessionError} as reason: the run throws exactly that, and sends nothing more. */
  signal: AbortSignal;
}

interface TaskCommon {
  /** 32 bytes. */
  session: Uint8Array;
  self: PeerId;
  /** Sorted; for a key generation the order of the identifiers 1..n. */
  party: readonly PeerId[];
  curve: Curve;
  wallet: string;
  /** For each round, ms. */
  roundMs: number;
}
/** What a vault is asked to run. */
export type Task =
  | TaskCommon & { kind: "generate"; threshold: number; epoch: number }
  | TaskCommon & {
    kind: "sign";
    /** Which key: the session that made it, 32 bytes. */
    keyId: Uint8Array;
    /** The share's record, sealed, as `generate` gave it. */
    share: Uint8Array;
    /** What the certificate says the key is; a share that does not match is `share-corrupt`. */
    key: PublicKeyPackage;
    /** What this node keeps of its pair with each other signer, sealed, as `generate` gave it; empty for ed25519. */
    pairs: ReadonlyMap<PeerId, Uint8Array>;
    /** Non-hardened indices of the child that signs; empty for the key itself. */
    path: readonly number[];
    /** ed25519: the message; secp256k1: its digest, 32 bytes. */
    message: Uint8Array;
  };

/** The public half of a key: all of it is the same at every holder. */
export interface PublicKeyPackage {
  wallet: string;
  curve: Curve;
  epoch: number;
  threshold: number;
  /** In the order of their identifiers 1..n. */
  members: readonly PeerId[];
  /** ed25519: 32 bytes; secp256k1: 33 bytes, compressed. */
  publicKey: Uint8Array;
  /** In the order of `members`, each of the length of `publicKey`. */
  verifyingShares: readonly Uint8Array[];
  /** 32 bytes. */
  chainCode: Uint8Array;
}

export type Outcome =
  | {
    kind: "generate";
    key: PublicKeyPackage;
    /** SHA-256 of all that was broadcast, the same at every honest party. */
    transcript: Uint8Array;
    /** This party's share, sealed with age to its storage key. */
    share: Uint8Array;
    /** For secp256k1, by the other member: what this party keeps of the pair, sealed likewise. */
    pairs: ReadonlyMap<PeerId, Uint8Array>;
  }
  /** 64 bytes: of ed25519 as RFC 8032 has it, of secp256k1 compact, with a low s. */
  | { kind: "sign"; signature: Uint8Array };

/** Where the shares are. What goes in and out is sealed or public; a share is opened inside only. */
export interface Vault {
  /** Whether its shares cannot be opened for now: every run then ends with `store-locked`. */
  readonly locked?: boolean;
  /** The names of the rounds that a task will run, in order. */
  rounds(task: Pick<Task, "kind" | "curve">): readonly string[];
  /** Runs one protocol to its end. @throws {SessionError} */
  run(task: Task, io: RunIo): Promise<Outcome>;
  /**
   * Whether a signature, wherever it comes from, is good under a key. False, never an error, for any other shape.
   *
   * @param message ed25519: the message; secp256k1: its digest, 32 bytes.
   */
  verify(
    key: Pick<PublicKeyPackage, "curve" | "publicKey">,
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  close(): Promise<void>;
}

/** A node's own yes to exactly one command. */
export interface Consent {
  /** Takes it for one run; null if it does not cover the task, is in use, spent, or withdrawn. */
  take(task: Task): ConsentUse | null;
}

/** A consent in use. Disposed of before it is spent, it can be taken again. */
export interface ConsentUse extends Disposable {
  /** A share has left: it is never taken again. */
  spend(): void;
}

/** A vault behind the gate: without consent to exactly this task nothing runs. */
export interface GuardedVault extends Omit<Vault, "run"> {
  /** Runs one protocol to its end. @throws {SessionError} `internal` where no consent covers the task. */
  run(task: Task, io: RunIo, consent: Consent): Promise<Outcome>;
}

/**
 * Locks and opens files with passphrases, in the format age (age-encryption.org/v1, scrypt). That is a second of work, on
 * purpose: where a thread has other things to do it is done in another.
 */
export interface Passphrases {
  /** @param workFactor Of scrypt, log2 N. */
  seal(
    plain: ReadableStream<Uint8Array>,
    passphrase: string,
    workFactor: number,
  ): Promise<ReadableStream<Uint8Array>>;
  /**
   * @returns Null if it does not open: age cannot tell a wrong passphrase from a damaged file. If only what follows is
   * damaged, the stream fails.
   */
  open(file: ReadableStream<Uint8Array>, passphrase: string): Promise<ReadableStream<Uint8Array> | null>;
}

/** For callers that turn a {@linkcode SessionError} into something else. */
export type SessionErrorLike = Pick<SessionError, "code" | "culprits" | "missing" | "claims" | "evidence">;
