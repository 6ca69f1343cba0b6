/**
 * The errors that this library throws, each for one kind of trouble.
 * @module
 */
import type { Claim, Explainable, FailureCode, PeerId } from "./failure.ts";

/** What the code that throws can know. The session adds where and when. */
export interface FailureDetail {
  /** Peers shown to this node, by what they sent it, to have broken the protocol. */
  culprits?: readonly PeerId[];
  /** Peers still waited for. */
  missing?: readonly PeerId[];
  /** What others say. */
  claims?: readonly Claim[];
  /** Encoded signed envelopes that convince a third party too. Never a secret that outlives the run. */
  evidence?: readonly Uint8Array[];
  /** The error underneath. Stays on this node: it may hold secrets. */
  cause?: unknown;
}

/** Thrown inside a session by whoever knows what went wrong; what `result` rejects with. */
export class SessionError extends Error {
  /** For those who look at names. */
  override readonly name = "SessionError";
  /** What happened: switch on it. */
  readonly code: FailureCode;
  /** Who was shown to have broken the protocol. */
  readonly culprits: readonly PeerId[];
  /** Who was still waited for. */
  readonly missing: readonly PeerId[];
  /** What others say. */
  readonly claims: readonly Claim[];
  /** Encoded signed envelopes. */
  readonly evidence: readonly Uint8Array[];
  /** The terminal event of the session, once there is one: what {@linkcode explain} takes. */
  failure: Extract<Explainable, { type: "failed" }> | null = null;

  /** What whoever throws it knows. */
  constructor(code: FailureCode, detail: FailureDetail = {}) {
    super(code, { cause: detail.cause });
    this.code = code;
    this.culprits = detail.culprits ?? [];
    this.missing = detail.missing ?? [];
    this.claims = detail.claims ?? [];
    this.evidence = detail.evidence ?? [];
  }
}

/** Bad input from this side of the API: nothing was begun, nothing was changed. */
export class InputError extends Error {
  /** For those who look at names. */
  override readonly name = "InputError";
  /** The field that is wrong, as the caller wrote it. */
  readonly field: string;

  /**
   * Names the field.
   *
   * @param field The field that is wrong.
   * @param problem What was expected and what was found: `expected 2 to 3, found 1`.
   */
  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(`${field}: ${problem}`, options);
    this.field = field;
  }
}

/** A store could not do what it was asked. Never thrown for something that is merely absent. */
export class StoreError extends Error {
  /** For those who look at names. */
  override readonly name = "StoreError";
}

/** For what a store does not let happen now and is done again later. @throws Whatever is no {@linkcode StoreError}. */
export function unlessStore(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

/** A channel to a peer broke, or was never made. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly reason: "left" | "refused" | "oversized" | "aborted";
  /** Who, by its own unproven word, answered where the peer was dialled, and is not that peer; null if nobody did. */
  readonly found: PeerId | null;

  constructor(reason: ChannelError["reason"], options: ErrorOptions & { found?: PeerId | null } = {}) {
    super(`The channel is gone: ${reason}`, options);
    this.reason = reason;
    this.found = options.found ?? null;
  }
}
