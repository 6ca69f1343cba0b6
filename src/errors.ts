/**
 * The errors that this library throws, each for one kind of trouble.
 * @module
 */
import type { Claim, Explainable, FailureCode, PeerId } from "./failure.ts";

/** The facts of a failure that the throwing code knows. The session adds where and when it happened. */
export interface FailureDetail {
  /** Peers shown to this node, by what they sent it, to have broken the protocol. */
  culprits?: readonly PeerId[];
  /** Peers still waited for. */
  missing?: readonly PeerId[];
  /** Reports of other peers. */
  claims?: readonly Claim[];
  /** Encoded signed envelopes that convince a third party too. Never a secret that outlives the run. */
  evidence?: readonly Uint8Array[];
  /** The error underneath. Stays on this node: it may hold secrets. */
  cause?: unknown;
}

/** A session failed: thrown where the cause is known; `result` rejects with it. */
export class SessionError extends Error {
  /** For those who look at names. */
  override readonly name = "SessionError";
  /** The cause, to switch on. */
  readonly code: FailureCode;
  /** Peers shown to have broken the protocol. */
  readonly culprits: readonly PeerId[];
  /** Peers that the session was still waiting for. */
  readonly missing: readonly PeerId[];
  /** Reports of other peers. */
  readonly claims: readonly Claim[];
  /** Encoded signed envelopes. */
  readonly evidence: readonly Uint8Array[];
  /** The terminal event of the session, once there is one: the argument of {@linkcode explain}. */
  failure: Extract<Explainable, { type: "failed" }> | null = null;

  /** Makes the error from the facts that the throwing code knows. */
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

/** Ignores the failure of a store, where the work is done again later. @throws Any other error. */
export function unlessStore(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

/** A channel to a peer broke, or was never made. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly reason: "left" | "refused" | "oversized" | "aborted";
  /** The peer that answered at the dialled address and is another one, by its own unproven word; null if none did. */
  readonly found: PeerId | null;

  constructor(reason: ChannelError["reason"], options: ErrorOptions & { found?: PeerId | null } = {}) {
    super(`The channel is gone: ${reason}`, options);
    this.reason = reason;
    this.found = options.found ?? null;
  }
}
