/**
 * The names of keys, and the requests for keys and signatures from which commands are made.
 * @module
 */
import { longestWalletName } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { CommandId, Scheme, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { maxParties } from "../../limits.ts";
import { type ItemInput, schemeIds } from "../../schemes/schemes.ts";
import { wrongName } from "../../text/name.ts";

/** The name of a key: its wallet and its scheme. */
export interface KeyName {
  /** 1 to 64 visible characters, composed (NFC); see `text/name.ts`. */
  wallet: string;
  /** The signature scheme. A wallet has at most one key for each. */
  scheme: Scheme;
}
/** The choice of an existing key. */
export interface KeyChoice extends KeyName {
  /** The id of the key: the session that made it, 64 hex digits. Only needed if two keys have one name. */
  keyId?: SessionId;
}
/** The labels of a request: the id of its command, and the remarks for those who read it. */
export interface RequestLabels {
  /**
   * The id of the command, 32 lower-case hex digits, which this peer uses for one request only. The same request with
   * the same id, also after a restart, gives the outcome of the first: a signature or a key, or its failure. Another
   * request with it ends with `id-reused`. Write it down before asking. Members keep ids for 28 days, four times
   * `limits.outcomesMs`, and the latest 100,000 of them, shared equally among initiators: after that the same request is a
   * new one. Default: a random one.
   */
  id?: CommandId;
  /**
   * The reason for the request: up to 256 visible characters on one line. Whoever approves it reads it, and it
   * is in the events and logs of the peers that receive the command; gossip never has it.
   */
  note?: string;
  /** The application's own id of what it requests: up to 64 visible characters, seen where the note is. */
  reference?: string;
}
/** A request for a new key. */
export interface KeyRequest extends KeyName, RequestLabels {
  /** The number of members that sign: 2 to the number of members. */
  threshold: number;
  /** Default: every holder of the roster. */
  members?: readonly PeerId[];
}
/** A request to deal a key anew: it and its addresses stay; its holders, their shares and its threshold may change. */
export interface ReshareRequest extends KeyChoice, RequestLabels {
  /** The number of members that will sign: 2 to the number of members. */
  threshold: number;
  /** The members of the next epoch, 2 to 16 holders of the roster: any of those now, and any others. */
  members: readonly PeerId[];
  /**
   * The members now that take no part, because they are lost or must not be asked. Everyone else of them has to be
   * there. Default: those that are no holders of the roster any more.
   */
  gone?: readonly PeerId[];
  /** The members now whose shares are used, exactly as many as the threshold. Default: any that hold theirs. */
  dealers?: readonly PeerId[];
}
/** The parts of a request for signatures beside its input. */
export interface SigningChoice<S extends Scheme = Scheme> extends KeyChoice, RequestLabels {
  /** The scheme of the key decides which input is possible. */
  scheme: S;
  /** The members that sign, exactly as many as the threshold. Default: any members that are ready. */
  signers?: readonly PeerId[];
}
/** A request for a signature. */
export type SignRequest<S extends Scheme = Scheme> = SigningChoice<S> & ItemInput<S> & {
  /** Only of a batch. */
  items?: undefined;
};
/** A request for the signatures of a batch: all of them, or none. */
export interface BatchRequest<S extends Scheme = Scheme> extends SigningChoice<S> {
  /**
   * 1 to 256, their messages together at most 65,536 bytes. For ecdsa the number of items times the number of
   * other signers is at most 512.
   */
  items: readonly ItemInput<S>[];
}

/** Checks the name of a key. @throws {InputError} `wallet`, `scheme` */
export function checkKeyName({ wallet, scheme }: KeyName): void {
  const wrong = wrongName(wallet, longestWalletName);
  if (wrong !== null) throw new InputError("wallet", wrong);
  if (!schemeIds.includes(scheme)) {
    throw new InputError("scheme", `expected ${schemeIds.join(" or ")}, found ${String(scheme)}`);
  }
}

/** Checks a threshold and the number of members. @throws {InputError} `members`, `threshold` */
export function checkThreshold(threshold: number, members: number): void {
  if (members < 2 || members > maxParties) {
    throw new InputError("members", `expected 2 to ${maxParties}, found ${members}`);
  }
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > members) {
    throw new InputError("threshold", `expected 2 to ${members}, found ${threshold}`);
  }
}
