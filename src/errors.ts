/**
 * The errors that this library throws, each for one kind of trouble.
 * @module
 */
import type { Claim, Explainable, FailureCode, PeerId } from "./failure.ts";

/** The details that the throwing code knows. The session adds place and time. */
export interface FailureDetail {
  /** Peers whose messages have shown this node that they broke the protocol. */
  culprits?: readonly PeerId[];
  /** Peers still waited for. */
  missing?: readonly PeerId[];
  /** Claims of other peers. */
  claims?: readonly Claim[];
  /** Encoded signed envelopes that convince a third party too. Never a secret that outlives the run. */
  evidence?: readonly Uint8Array[];
  /** `recipient` if only this node's secrets can tell, though the table has it that anyone can. */
  checkableBy?: "recipient" | null;
  /** The error underneath. Stays on this node: it may hold secrets. */
  cause?: unknown;
}

/** The failure of a session: thrown inside it, and the reason with which `result` rejects. */
export class SessionError extends Error {
  /** For those who look at names. */
  override readonly name = "SessionError";
  /** The failure's code: switch on it. */
  readonly code: FailureCode;
  /** Peers that were shown to have broken the protocol. */
  readonly culprits: readonly PeerId[];
  /** Peers that were still waited for. */
  readonly missing: readonly PeerId[];
  /** Claims of other peers. */
  readonly claims: readonly Claim[];
  /** Encoded signed envelopes. */
  readonly evidence: readonly Uint8Array[];
  /** `recipient` if only whoever threw it can tell, though the table has it that anyone can. */
  readonly checkableBy: "recipient" | null;
  /** The terminal event of the session, for {@linkcode explain}; null until there is one. */
  failure: Extract<Explainable, { type: "failed" }> | null = null;

  /** Takes a code and the details that are known. */
  constructor(code: FailureCode, detail: FailureDetail = {}) {
    super(code, { cause: detail.cause });
    this.code = code;
    this.culprits = detail.culprits ?? [];
    this.missing = detail.missing ?? [];
    this.claims = detail.claims ?? [];
    this.evidence = detail.evidence ?? [];
    this.checkableBy = detail.checkableBy ?? null;
  }
}

/** Wrong input by the caller of the API: nothing was begun and nothing was changed. */
export class InputError extends Error {
  /** For those who look at names. */
  override readonly name = "InputError";
  /** The field that is wrong, as the caller wrote it. */
  readonly field: string;

  /**
   * Names the field.
   *
   * @param field The field that is wrong.
   * @param problem The expected and the found value: `expected 2 to 3, found 1`.
   */
  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(`${field}: ${problem}`, options);
    this.field = field;
  }
}

/** A store could not read or write. Never thrown for a record that is merely absent. */
export class StoreError extends Error {
  /** For those who look at names. */
  override readonly name = "StoreError";
}

/**
 * Ignores the trouble of a store, for work that is repeated later.
 *
 * @throws Every error that is no {@linkcode StoreError}.
 */
export function unlessStore(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

/** A channel to a peer broke, or was never made. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly reason: "left" | "refused" | "oversized" | "aborted";
  /** The peer that answered instead of the dialled one, by its own unproven claim; null if none did. */
  readonly found: PeerId | null;

  constructor(reason: ChannelError["reason"], options: ErrorOptions & { found?: PeerId | null } = {}) {
    super(`The channel is gone: ${reason}`, options);
    this.reason = reason;
    this.found = options.found ?? null;
  }
}
