/**
 * What a run is given, all that it knows of its node, and what it leaves.
 * @module
 */
import type { Common, SessionEvent } from "../events.ts";
import type { SessionError } from "../errors.ts";
import type { PeerId, WarningCode } from "../failure.ts";
import type { Clock, Envelope, Identity, RunIo, Wire } from "../ports.ts";
import type { Line } from "./wire.ts";

type WithoutCommon<E> = E extends Common ? Omit<E, keyof Common> : never;
/** An event as the session makes it: the node adds whose view it is and which session it is about. */
export type EventBody = WithoutCommon<Exclude<SessionEvent, { type: "warning" }>>;

/** Commands' votes, as {@linkcode SessionPlan.commit} sees them. */
export interface Ballot {
  /** The signed `open` of every other member, encoded: proof that it took part. */
  readonly opens: ReadonlyMap<PeerId, Uint8Array>;
  readonly signal: AbortSignal;
  /** Tells everyone this node's vote. */
  cast(body: Uint8Array): void;
  /** Resolves with everyone's votes but this node's. Rejects with what ended the session. */
  collect(): Promise<ReadonlyMap<PeerId, Envelope>>;
  /** The others' votes that have come so far. */
  votes(): ReadonlyMap<PeerId, Envelope>;
  /** Those whose vote has not come. */
  missing(): readonly PeerId[];
  /** From now on this node's share is on disk: what ends the session leaves the key pending. */
  pending(): void;
}

export interface SessionPlan<T> {
  identity: Identity;
  clock: Clock;
  /** 32 bytes. */
  session: Uint8Array;
  /** The command's, 16 bytes. */
  id: Uint8Array;
  kind: Common["kind"];
  initiator: PeerId;
  party: readonly PeerId[];
  rounds: readonly string[];
  totalMs: number;
  roundMs: number;
  /** Opens the streams to the others and agrees with each on the session. @throws {SessionError} */
  openLine(peer: PeerId, signal: AbortSignal): Promise<Line>;
  /**
   * Why this node cannot take part, found after it had accepted: a disk that is full, a key that was frozen meanwhile. It
   * ends the session once the streams are open, so that the others hear why.
   */
  unprepared?: SessionError | null;
  run(io: RunIo): Promise<T>;
  /** See {@linkcode RunIo.ban}. */
  ban(peers: readonly PeerId[]): Promise<void>;
  /** Aborted when nothing of the protocol may leave any more, though the session is not yet to end. */
  muted: AbortSignal;
  /** Makes the result last, where it has to. */
  commit?(result: T, ballot: Ballot): Promise<unknown>;
  /**
   * Keeps what was shown of the culprits of a failure, with what the session was about. @returns Its hash, 64 hex
   * digits. Absent where nothing could be shown to who was not there.
   */
  keepEvidence?(shown: readonly Uint8Array[]): string;
  /** What a `done` event tells of the result. */
  resultHash(result: T): string;
  publish(event: EventBody): void;
  warn(code: WarningCode, via: PeerId): void;
  /** Ends the session from outside: a cancellation, a shutdown. Its reason is a {@linkcode SessionError}. */
  signal: AbortSignal;
  /** The demonstration's adversary stands here. */
  wrapWire?(wire: Wire): Wire;
}

/** A session that is over, and what its peers may still have to say. */
export interface SessionEnd {
  /** Resolves when every stream is gone. */
  lingering: Promise<void>;
  /** Drops every stream. */
  abort(): void;
}
