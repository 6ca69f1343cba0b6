/**
 * The ends of one run: the wire to its peers, and what a run receives from its session and reports to it.
 * @module
 */
import type { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";

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

/** For callers that turn a {@linkcode SessionError} into something else. */
export type SessionErrorLike = Pick<
  SessionError,
  "code" | "culprits" | "missing" | "claims" | "evidence" | "checkableBy"
>;
