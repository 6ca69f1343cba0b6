/**
 * The interface of a signature scheme without secrets. Each scheme is one object behind it, so that no code
 * outside this folder compares schemes.
 * @module
 */
import type { Child } from "../crypto/bip32.ts";
import type { DigestHash } from "../crypto/ecdsa_signature.ts";
import type { Scheme } from "../events.ts";
import type { PublicKeyPackage } from "../ports.ts";
import type { Codec, Rounds } from "../protocol/rounds.ts";

/** The input of a signature in the fields of a command; a field that does not apply is empty, or `none`. */
export interface SignFields {
  readonly message: Uint8Array;
  readonly digest: Uint8Array;
  readonly hash: DigestHash | "none";
  /** The options of the scheme, in its own encoding; empty for a scheme without options. */
  readonly options: Uint8Array;
}

/** The part of a key that signs: a child, as the options of the scheme change it. */
export interface KeyUse extends Pick<SignFields, "options"> {
  /** Non-hardened indices; empty for the key itself. */
  readonly path: readonly number[];
}

/** The options of a scheme that has none. */
export type NoOptions = Readonly<Record<never, never>>;

/** A key and its chain code, from which children are derived. */
export type Parent = Pick<PublicKeyPackage, "publicKey" | "chainCode">;

/** The public facts by which a signature share is judged. */
export interface ShareFacts extends KeyUse {
  /** The key that all its members have signed. */
  readonly key: PublicKeyPackage;
  /** {@linkcode SignatureScheme.payloadOf}. */
  readonly payload: Uint8Array;
  /** The first round of every signer, as in its accept, by its identifier. */
  readonly commitments: ReadonlyMap<number, Uint8Array>;
  /** The identifier of the signer in question. */
  readonly identifier: number;
  /** Its message in the round `share`. */
  readonly share: Uint8Array;
}

/** The check of a signature share by anybody who has the messages. */
export interface ShareCheck {
  /** The round in which signers send their shares. They have committed to their nonces in the first round. */
  readonly share: string;
  /** Whether the share does not match the commitments. @throws {Error} If a message does not decode. */
  isWrong(facts: ShareFacts): boolean;
}

/**
 * One signature scheme, without secrets.
 *
 * @typeParam Input The input of {@linkcode QuorateNode.sign}.
 * @typeParam Signed The result of {@linkcode QuorateNode.sign}.
 * @typeParam Options The options of an input, as a program or a person reads them before it consents.
 */
export interface SignatureScheme<Id extends Scheme, Input, Signed, Options = NoOptions> {
  readonly id: Id;
  /** The codecs of the first rounds of its protocols, which the accepts carry. */
  readonly firstRound: Readonly<Record<"generate" | "sign", Codec<unknown>>>;
  /** The rounds of its protocols after the first, in order, with the codecs of their messages. */
  readonly rounds: Readonly<Record<"generate" | "sign", Rounds>>;
  /**
   * Whether every pair of holders has a common state: it is set up with the key, stored for each other
   * member, and erased by a ban.
   */
  readonly pairwise: boolean;
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
  /** The bytes that the protocol signs, for fields that {@linkcode checkFields} has passed. */
  payloadOf(fields: SignFields): Uint8Array;
  /**
   * Whether a signature of 64 bytes is good, by the strict rules. False, never an error, for bytes of any
   * other shape.
   */
  verify(publicKey: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean;
  /**
   * The same for every encoding that the scheme knows by its length: for ECDSA also the 65 bytes of Ethereum.
   */
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
  /**
   * The public key that a signature verifies under.
   *
   * @param parent For BIP-340, x alone is taken too.
   * @throws {InputError} `path`, or what the options are about, where nothing comes of them.
   */
  signingKeyOf(parent: Parent, use: KeyUse): Uint8Array;
  /**
   * The addresses of a key by network, in lower case; null if the scheme has none.
   *
   * @throws {Error} For bytes that are no point.
   */
  addressesOf(publicKey: Uint8Array): Readonly<Record<string, string>> | null;
}
