/**
 * The interface of a signature scheme without secrets. Each scheme is one object behind it, so that no code
 * outside this folder compares schemes.
 * @module
 */
import type { ClaimedHash } from "../crypto/ecdsa/signature.ts";
import type { Scheme } from "../events.ts";
import type { PublicKeyPackage, SigningItem } from "../ports.ts";
import type { Codec, Rounds } from "../protocol/rounds.ts";
import type { VerifyingScheme } from "./verifying/verifying_scheme.ts";

/** A message or a digest in the fields of a command; a field that does not apply is empty, or `none`. */
export interface MessageFields {
  readonly message: Uint8Array;
  readonly digest: Uint8Array;
  readonly hash: ClaimedHash | "none";
}

/** The input of a signature in the fields of a command. */
export interface SignFields extends MessageFields {
  /** The options of the scheme, in its own encoding; empty for a scheme without options. */
  readonly options: Uint8Array;
}

/** The part of a key that signs: a child, as the options of the scheme change it. */
export interface KeyUse extends Pick<SignFields, "options"> {
  /** Non-hardened indices; empty for the key itself. */
  readonly path: readonly number[];
}

/** One thing that a command wants signed, and the part of the key that signs it. */
export interface SignItem extends SignFields, KeyUse {}

/** The options of a scheme that has none. */
export type NoOptions = Readonly<Record<never, never>>;

/** A key and its chain code, from which children are derived. */
export type Parent = Pick<PublicKeyPackage, "publicKey" | "chainCode">;

/** The public facts by which the signature shares of one signer are judged. */
export interface ShareFacts {
  /** The key that all its members have signed. */
  readonly key: PublicKeyPackage;
  /** The hash of the signed invite, 32 bytes. */
  readonly attempt: Uint8Array;
  /** The items that are signed, in the order of the command. */
  readonly items: readonly SigningItem[];
  /** The first round of every signer, as in its accept, by its identifier. */
  readonly firstRound: ReadonlyMap<number, Uint8Array>;
  /** Their messages in the round `commit`, of a batch; otherwise none. */
  readonly commitments: ReadonlyMap<number, Uint8Array>;
  /** The identifier of the signer in question. */
  readonly identifier: number;
  /** Its message in the round `share`. */
  readonly shares: Uint8Array;
}

/** The check of signature shares by anybody who has the messages. */
export interface ShareCheck {
  /** The round in which the signers of a batch show the commitments that they have promised. */
  readonly commit: string;
  /** The round in which signers send their shares. */
  readonly share: string;
  /** The items, from 0, whose shares do not match the commitments. @throws {Error} If a message does not decode. */
  wrongShares(facts: ShareFacts): number[];
}

/** The first round and the rounds after it of one protocol. */
export interface ProtocolRounds {
  /** The codec of the first round, which the accepts carry. */
  readonly firstRound: Codec<unknown>;
  /** The rounds after it, in order, with the codecs of their messages. */
  readonly rounds: Rounds;
}

/**
 * One signature scheme, without secrets.
 *
 * @typeParam Input The input of {@linkcode QuorateNode.sign}.
 * @typeParam Signed The result of {@linkcode QuorateNode.sign}.
 * @typeParam Options The options of an input, as a program or a person reads them before it consents.
 */
export interface SignatureScheme<Id extends Scheme, Input, Signed, Options = NoOptions>
  extends VerifyingScheme<Id, Input, Options> {
  /** The rounds of a key generation. */
  readonly generating: ProtocolRounds;
  /** The rounds of a resharing. */
  readonly resharing: ProtocolRounds;
  /** The rounds of a signature of so many items. */
  signing(items: number): ProtocolRounds;
  /** The most items that so many signers sign in one command. */
  mostItems(threshold: number): number;
  /**
   * Whether every pair of holders has a common state: it is set up with the key, stored for each other
   * member, and erased by a ban.
   */
  readonly pairwise: boolean;
  /** Whether the verifying shares of a key are of one sharing of it, with its threshold. Never throws. */
  isOneSharing(key: PublicKeyPackage): boolean;
  /** The check of a signature share by others; null if it takes the recipient's secrets. */
  readonly shares: ShareCheck | null;
  /** Puts an input into the fields of a command. @throws {InputError} Naming the field and what was found. */
  fieldsOf(input: Input): SignFields;
  /**
   * Checks the fields of a command from anybody.
   *
   * @throws {InputError} If they do not say one thing to sign.
   */
  checkFields(fields: SignFields): void;
  /** Reads the options of a command that {@linkcode checkFields} has passed. */
  optionsOf(options: Uint8Array): Options;
  /**
   * A verified signature in all its forms.
   *
   * @param bytes 64 bytes.
   * @throws {SessionError} `internal` if it did not verify.
   */
  signatureOf(publicKey: Uint8Array, payload: Uint8Array, bytes: Uint8Array): Signed;
  /**
   * The public key that a signature verifies under, as {@linkcode VerifyingScheme.verifyingKeyOf} has it.
   *
   * @throws {InputError} `path`, or what the options are about, where nothing comes of them.
   */
  signingKeyOf(parent: Parent, use: KeyUse): Uint8Array;
  /**
   * The addresses of a key by network, in lower case.
   *
   * @throws {Error} For bytes that are no point.
   */
  addressesOf(publicKey: Uint8Array): Readonly<Record<string, string>>;
}
