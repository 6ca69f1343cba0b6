/**
 * The interface of a signature scheme for anybody: everything that needs no secret. Each scheme is one object behind it,
 * so that nothing outside this folder asks which scheme a key has.
 * @module
 */
import type { Child } from "../crypto/bip32.ts";
import type { DigestHash } from "../crypto/ecdsa_signature.ts";
import type { Scheme } from "../events.ts";
import type { PublicKeyPackage } from "../ports.ts";
import type { Rounds } from "../protocol/rounds.ts";

/** The input of a signature in the fields of a command; a field that does not apply is empty, or `none`. */
export interface Asked {
  readonly message: Uint8Array;
  readonly digest: Uint8Array;
  readonly hash: DigestHash | "none";
}

/** Key and chain code: what children are derived from. */
export type Parent = Pick<PublicKeyPackage, "publicKey" | "chainCode">;

/** The public facts that a signature share is judged by. */
export interface Judged {
  /** The key that all its members have signed; a child signs if `path` is not empty. */
  readonly key: PublicKeyPackage;
  readonly path: readonly number[];
  /** {@linkcode SignatureScheme.payloadOf}. */
  readonly payload: Uint8Array;
  /** What every signer sent in the round `commitments`, by its identifier. */
  readonly commitments: ReadonlyMap<number, Uint8Array>;
  /** Of the signer in question. */
  readonly identifier: number;
  /** What it sent in the round `share`. */
  readonly share: Uint8Array;
}

/** How anybody who has its messages can judge a signature share. */
export interface ShareCheck {
  /** The round in which signers commit to their nonces. */
  readonly commitments: string;
  /** The round in which they send their shares; its echo passes the commitments on. */
  readonly share: string;
  /** Whether the share does not fit what was committed to. @throws {Error} If something of it does not decode. */
  isWrong(judged: Judged): boolean;
}

/**
 * One signature scheme, without secrets.
 *
 * @typeParam Input What {@linkcode QuorateNode.sign} takes for it.
 * @typeParam Signed What {@linkcode QuorateNode.sign} gives for it.
 */
export interface SignatureScheme<Id extends Scheme, Input, Signed> {
  readonly id: Id;
  /** The rounds of its protocols, in order, with the codecs of their messages. */
  readonly rounds: Readonly<Record<"generate" | "sign", Rounds>>;
  /**
   * Whether two holders share a state that a failed check would spend: it is set up with the key, kept for each other
   * member, and erased by a ban.
   */
  readonly pairwise: boolean;
  /** How a wrong signature share is shown to others; null where only its recipient's secrets can tell. */
  readonly shares: ShareCheck | null;
  /** Puts an input into the fields of a command. @throws {InputError} Naming the field and what was found. */
  askedOf(input: Input): Asked;
  /** Checks the fields of a command from anybody. @throws {InputError} If they do not say one thing to sign. */
  checkAsked(asked: Asked): void;
  /** The bytes that the protocol signs, for fields that {@linkcode checkAsked} has passed. */
  payloadOf(asked: Asked): Uint8Array;
  /** Whether a signature of 64 bytes is good, by the strict rules. False, never an error, for bytes of any other shape. */
  verify(publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean;
  /** The same for every form that {@linkcode signatureOf} gives as bytes of their own kind. */
  verifyAnyForm(publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean;
  /**
   * A verified signature in all its forms.
   *
   * @param bytes 64 bytes.
   * @throws {SessionError} `internal` if it did not verify.
   */
  signatureOf(publicKey: Uint8Array, payload: Uint8Array, bytes: Uint8Array): Signed;
  /**
   * A child of a key; the key itself for an empty path.
   *
   * @param path Non-hardened indices, at most 255.
   * @throws {InputError} `path`
   */
  childOf(parent: Parent, path: readonly number[]): Child;
  /** A key's addresses by the names of their networks, in lower case; null for a scheme that has none. @throws {Error} For no point. */
  addressesOf(publicKey: Uint8Array): Readonly<Record<string, string>> | null;
}
