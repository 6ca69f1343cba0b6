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

/** The signed content of an envelope, without its body. */
export type Statement = Omit<Envelope, "body"> & { bodyHash: Uint8Array };

/** One session's way to its peers, above signing and sealing. */
export interface Wire {
  readonly self: PeerId;
  /** Everyone taking part, this node included, in the order all agree on. */
  readonly party: readonly PeerId[];
  /**
   * Signs, seals and sends. `audience` says what the signature names as recipient: a broadcast is signed once
   * and is the same for all. Never throws: a peer that cannot be reached is reported as `left`.
   */
  send(to: PeerId, round: string, body: Uint8Array, audience: "one" | "all"): void;
  /** Whether a statement of this session carries its author's signature. */
  verify(statement: Statement): Promise<boolean>;
}

/** The input of a run from its session. */
export type Incoming =
  /** Authentic, in this session, addressed to this node; or, as evidence, to someone else in it. */
  | { type: "envelope"; envelope: Envelope; evidence: boolean }
  /** The peer's stream has ended. The run knows whether a message of the peer is still missing. */
  | { type: "left"; peer: PeerId }
  /** The peer has announced its end: nothing more will come, and the peer counts as heard. */
  | { type: "excused"; peer: PeerId };

/** The reports of a run to its session. */
export type Progress =
  | { type: "round"; round: string; state: "begun" | "done"; deadlineMs: number }
  | { type: "heard"; round: string; from: PeerId }
  /** The done part of a long computation between rounds, 0 to 1. */
  | { type: "work"; done: number };

/** The session, as a run sees it. */
export interface RunIo {
  wire: Wire;
  /** Sets the listener for incoming messages; it receives earlier ones at once. */
  listen(listener: (incoming: Incoming) => void): void;
  progress(progress: Progress): void;
  /**
   * Bans these peers, because a check has failed that must never be repeated: no session under this key sends
   * them anything more. Resolves when the ban is durable; only then may anyone learn of it. Works even if the
   * run has been ended.
   *
   * @throws {StoreError} If it could not be written. The ban is in force anyway while this node runs.
   */
  ban(peers: readonly PeerId[]): Promise<void>;
  /**
   * Aborted with a {@linkcode SessionError} as reason: the run throws exactly that, and sends nothing more.
   */
  signal: AbortSignal;
}

/** For callers that turn a {@linkcode SessionError} into something else. */
export type SessionErrorLike = Pick<
  SessionError,
  "code" | "culprits" | "missing" | "claims" | "evidence" | "checkableBy" | "items"
>;
