/**
 * The names of keys, and the requests that people make of them before there is a command.
 * @module
 */
import { longestWalletName } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { Scheme, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { maxParties } from "../../limits.ts";
import { schemeIds, type SignInput } from "../../schemes/schemes.ts";
import { wrongName } from "../../text/name.ts";

/** The name of a key: its wallet and its scheme. */
export interface KeyName {
  /** 1 to 64 visible characters, composed (NFC); see `text/name.ts`. */
  wallet: string;
  /** A wallet has at most one key for each. */
  scheme: Scheme;
}
/** A key that exists. */
export interface KeyChoice extends KeyName {
  /** Its id: the session that made it, 64 hex digits. Only needed where two keys have one name. */
  keyId?: SessionId;
}
/** A key that is to be made. */
export interface KeyRequest extends KeyName {
  /** The number of signers: 2 to the number of members. */
  threshold: number;
  /** Default: every holder of the roster. */
  members?: readonly PeerId[];
}
/** The signature that is asked for, and the key. The scheme of the key decides which input is possible. */
export type SignRequest<S extends Scheme = Scheme> = KeyChoice & { scheme: S } & SignInput<S> & {
  /** Non-hardened indices (BIP-32) of a child that signs instead; for ed25519 see the notes of `childKey`. */
  path?: readonly number[];
  /** Exactly as many as the threshold. Default: any members that are ready. */
  signers?: readonly PeerId[];
};

/** @throws {InputError} `wallet`, `scheme`: names the field and what was found. */
export function checkKeyName({ wallet, scheme }: KeyName): void {
  const wrong = wrongName(wallet, longestWalletName);
  if (wrong !== null) throw new InputError("wallet", wrong);
  if (!schemeIds.includes(scheme)) {
    throw new InputError("scheme", `expected ${schemeIds.join(" or ")}, found ${String(scheme)}`);
  }
}

/** @throws {InputError} `members`, `threshold` */
export function checkThreshold(threshold: number, members: number): void {
  if (members < 2 || members > maxParties) {
    throw new InputError("members", `expected 2 to ${maxParties}, found ${members}`);
  }
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > members) {
    throw new InputError("threshold", `expected 2 to ${members}, found ${threshold}`);
  }
}
