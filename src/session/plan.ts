/**
 * The plan of a session: what a run is given, all that it knows of its node, and what it returns.
 * @module
 */
import type { Common, SessionEvent } from "../events.ts";
import type { SessionError } from "../errors.ts";
import type { PeerId, WarningCode } from "../failure.ts";
import type { Clock, Envelope, Identity, RunIo, Wire } from "../ports.ts";
import type { IncomingStream, OutgoingStream } from "./wire.ts";

type WithoutCommon<E> = E extends Common ? Omit<E, keyof Common> : never;
/** An event as the session makes it: the log adds the node's view and the facts of the session. */
export type EventBody = WithoutCommon<Exclude<SessionEvent, { type: "warning" }>>;

/** The releases and the votes on a dealt key, as {@linkcode SessionPlan.commit} sees them. */
export interface Ballot {
  /** The signed `open` of every other member, encoded: proof that it took part. */
  readonly opens: ReadonlyMap<PeerId, Uint8Array>;
  readonly signal: AbortSignal;
  /**
   * Sends this node's release of the epoch before to everyone. Resolves with the releases of all others. Rejects with
   * what ended the session.
   */
  release(body: Uint8Array): Promise<ReadonlyMap<PeerId, Envelope>>;
  /** Sends this node's vote to everyone. */
  cast(body: Uint8Array): void;
  /** Resolves with the votes of all members of the key but this node's. Rejects with what ended the session. */
  collect(): Promise<ReadonlyMap<PeerId, Envelope>>;
  /** The votes of the others so far. */
  votes(): ReadonlyMap<PeerId, Envelope>;
  /** The members whose vote has not come. */
  missing(): readonly PeerId[];
  /**
   * Reports that this node's share is on disk, or that it has none to vote with and has released the epoch before: from
   * now on, a failed session leaves the key pending.
   */
  pending(): void;
}

/** The streams of one session: each side opens its own, and sends on no other. */
export interface Streams {
  /** Opens this node's stream to a peer, and says on it which session it takes part in. @throws {SessionError} */
  outgoing(peer: PeerId, signal: AbortSignal): Promise<OutgoingStream>;
  /** Waits for the stream of a peer, and makes sure that it is of the same session. @throws {SessionError} */
  incoming(peer: PeerId, signal: AbortSignal): Promise<IncomingStream>;
}

/** The log of one session's events. */
export interface SessionLog {
  emit(event: EventBody): void;
  warn(code: WarningCode, via: PeerId): void;
}

/** The hold that a node has on a session from outside. */
export interface SessionControl {
  /** Ends the session: a cancellation, a shutdown. Its reason is a {@linkcode SessionError}. */
  readonly signal: AbortSignal;
  /**
   * Aborted when the protocol may send no further message, though the session does not end yet. What it has sent before
   * runs out.
   */
  readonly silenced: AbortSignal;
  /**
   * The session's result is withheld until this promise resolves: another session is writing a ban that ends
   * this one.
   */
  readonly untilBanIsDurable: Promise<unknown>;
}

export interface SessionPlan<T> {
  readonly identity: Identity;
  readonly clock: Clock;
  /** 32 bytes. */
  readonly session: Uint8Array;
  /** The command's, 16 bytes. */
  readonly id: Uint8Array;
  readonly kind: Common["kind"];
  readonly initiator: PeerId;
  readonly party: readonly PeerId[];
  /** Those of the party that vote on the key: its members. */
  readonly voters: readonly PeerId[];
  readonly rounds: readonly string[];
  readonly totalMs: number;
  readonly roundMs: number;
  /** The longest message of a peer, with its envelope, bytes. */
  readonly maxMessage: number;
  readonly streams: Streams;
  /**
   * The protocol, or the reason why this node cannot run it, found after the node had accepted: a full disk,
   * a key that was frozen meanwhile. That ends the session once the others' streams have come, so that they
   * learn the reason.
   */
  readonly protocol: { run(io: RunIo): Promise<T> } | SessionError;
  readonly control: SessionControl;
  readonly log: SessionLog;
  /** Bans peers: see {@linkcode RunIo.ban}. */
  ban(peers: readonly PeerId[]): Promise<void>;
  /** Makes the result durable, where it has to be. */
  commit?(result: T, ballot: Ballot): Promise<unknown>;
  /**
   * Keeps the evidence against the culprits of a failure. Absent where a session has no evidence that others
   * could check.
   *
   * @returns Its hash, 64 hex digits.
   */
  keepEvidence?(shown: readonly Uint8Array[]): string;
  /** The hash of the result in the `done` event. */
  resultHash(result: T): string;
  /** Replaces this node's messages: the hook of the demonstration's adversary. */
  readonly wrapWire?: (wire: Wire) => Wire;
}

/** The streams of a session that is over, until its peers have closed them too. */
export interface SessionEnd {
  /** Resolves when every stream is gone. */
  closed: Promise<void>;
  /** Drops every stream. */
  abort(): void;
}
