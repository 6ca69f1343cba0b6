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
  /** The items of a batch that the culprits have spoilt, from 0, where that is known and may be told. */
  items?: readonly number[];
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
  /** The items of a batch that the culprits have spoilt, from 0; empty if that is unknown, or must not be told. */
  readonly items: readonly number[];
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
    this.items = detail.items ?? [];
  }
}

/**
 * The kind of a wrong input, for programs; the message is for people.
 *
 * - `invalid`: not of the form, range or combination that is expected
 * - `unknown`: names something that there is not, such as a key or a peer
 * - `taken`: something with that name or at that place is there already
 * - `in-use`: another process, or another node, uses it
 * - `unreadable`: a file, store or address that cannot be read, written or listened on
 * - `wrong-passphrase`: does not open what it is for
 * - `not-permitted`: this peer, or the file's owner, has not the right
 * - `wrong-state`: not possible in the state that it is in, such as a stopped node
 * - `foreign`: belongs to another peer or another cluster
 */
export type InputErrorCode =
  | "invalid"
  | "unknown"
  | "taken"
  | "in-use"
  | "unreadable"
  | "wrong-passphrase"
  | "not-permitted"
  | "wrong-state"
  | "foreign";

/** Wrong input by the caller of the API: nothing was begun and nothing was changed. */
export class InputError extends Error {
  /** For those who look at names. */
  override readonly name = "InputError";
  /**
   * The field that is wrong, as the caller wrote it: an argument, a flag, or a path into a file such as
   * `config.approve.webhook.url`. No list of them is complete; a program switches on {@linkcode InputError.code}.
   */
  readonly field: string;
  /** The kind of what is wrong: switch on it. */
  readonly code: InputErrorCode;

  /**
   * Names the field.
   *
   * @param field The field that is wrong.
   * @param problem The expected and the found value: `expected 2 to 3, found 1`.
   * @param options.code Default `invalid`.
   */
  constructor(field: string, problem: string, options: ErrorOptions & { code?: InputErrorCode } = {}) {
    const { code = "invalid", ...rest } = options;
    super(`${field}: ${problem}`, rest);
    this.field = field;
    this.code = code;
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

/** A channel to a peer broke, or was never made: for those who write a {@linkcode Transport} of their own. */
export class ChannelError extends Error {
  /** For those who look at names. */
  override readonly name = "ChannelError";
  /**
   * `left`: the peer is gone, or the stream broke; `refused`: it serves no such protocol, or too many streams are open;
   * `oversized`: a frame was over the limit; `aborted`: by this side.
   */
  readonly reason: "left" | "refused" | "oversized" | "aborted";
  /** The peer that answered instead of the dialled one, by its own unproven claim; null if none did. */
  readonly found: PeerId | null;

  /** Takes the reason, and the peer that was found. */
  constructor(reason: ChannelError["reason"], options: ErrorOptions & { found?: PeerId | null } = {}) {
    super(`The channel is gone: ${reason}`, options);
    this.reason = reason;
    this.found = options.found ?? null;
  }
}
