/**
 * The interface of the verifying half of a signature scheme: all that a signature and a child key need of
 * whoever has only the public key. It knows no protocol, and no encoding of what nodes send each other.
 * @module
 */
import type { Child } from "../../crypto/bip32.ts";
import type { Scheme } from "../../events.ts";
import type { KeyUse, MessageFields, NoOptions, Parent } from "../scheme.ts";

/** The input of a signature, read: in the fields of a command, but for its options. */
export interface ReadInput<Options> extends MessageFields {
  /** The options of the scheme, before they are encoded. */
  readonly options: Options;
}

/** The part of a key that signs, with the options before they are encoded. */
export interface ReadUse<Options> extends Pick<KeyUse, "path"> {
  readonly options: Options;
}

/**
 * The verifying half of one signature scheme.
 *
 * @typeParam Input The input of {@linkcode QuorateNode.sign}.
 * @typeParam Options The options of an input.
 */
export interface VerifyingScheme<Id extends Scheme, Input, Options = NoOptions> {
  readonly id: Id;
  /** Reads an input. @throws {InputError} Naming the field and what was found. */
  inputOf(input: Input): ReadInput<Options>;
  /** Checks a message or a digest from anybody. @throws {InputError} If they do not say one thing to sign. */
  checkMessage(fields: MessageFields): void;
  /** The bytes that the protocol signs, for fields that {@linkcode checkMessage} has passed. */
  payloadOf(fields: MessageFields): Uint8Array;
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
  verifyingKeyOf(parent: Parent, use: ReadUse<Options>): Uint8Array;
}
