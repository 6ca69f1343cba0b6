/**
 * The table of signature schemes: the one list of them, without any secret.
 * @module
 */
import type { Scheme } from "../events.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { bip340, type Bip340Input, type Bip340Options, type Bip340Signature } from "./bip340.ts";
import { checkPath } from "./sign_fields.ts";
import { ecdsa, type EcdsaInput, type EcdsaSignature } from "./ecdsa.ts";
import { ed25519, type Ed25519Input, type Ed25519Signature } from "./ed25519.ts";
import type { KeyUse, NoOptions, SignatureScheme, SignFields } from "./scheme.ts";

/** The input of each scheme. */
export interface SignInputs {
  /** A message. */
  ed25519: Ed25519Input;
  /** A message and how to hash it, or a digest. */
  ecdsa: EcdsaInput;
  /** A message, and what of the key signs it. */
  bip340: Bip340Input;
}

/** The signature of each scheme. */
export interface Signatures {
  /** 64 bytes. */
  ed25519: Ed25519Signature;
  /** In all its forms. */
  ecdsa: EcdsaSignature;
  /** 64 bytes. */
  bip340: Bip340Signature;
}

/** The options of each scheme's inputs, as they are read before a consent. */
export interface SigningOptions {
  /** None. */
  ed25519: NoOptions;
  /** None. */
  ecdsa: NoOptions;
  /** The Taproot output that signs, if one does. */
  bip340: Bip340Options;
}

/** The input that a key of scheme `S` signs. */
export type SignInput<S extends Scheme = Scheme> = SignInputs[S];

/** A signature that verified under a key of scheme `S` before it got here. */
export type Signature<S extends Scheme = Scheme> = Signatures[S];

/** Any scheme, where the code does not know which. */
export type AnyScheme = SignatureScheme<Scheme, SignInput, Signature, SigningOptions[Scheme]>;

/** The schemes by their ids. */
export const schemes: Readonly<Record<Scheme, AnyScheme>> = { ed25519, ecdsa, bip340 };

/** The ids of all schemes. */
export const schemeIds: readonly Scheme[] = Object.values(schemes).map(({ id }) => id);

/**
 * Puts an input into the fields of a command, and checks them.
 *
 * @throws {InputError} Naming the field and what was found.
 */
export function signFields(
  scheme: Scheme,
  { path = [], ...input }: SignInput & { path?: readonly number[] },
): SignFields & { path: number[] } {
  const fields = { ...schemes[scheme].fieldsOf(input as SignInput), path: [...path] };
  checkFields(scheme, fields);
  return fields;
}

/** @throws {InputError} If a command's fields do not say one thing to sign with a key of that scheme. */
export function checkFields(scheme: Scheme, fields: SignFields & { path: readonly number[] }): void {
  schemes[scheme].checkFields(fields);
  checkPath(fields.path);
}

/** The bytes that the protocol signs for a command: the message, or its digest. */
export function payloadOf(command: SignFields & { scheme: Scheme }): Uint8Array {
  return schemes[command.scheme].payloadOf(command);
}

/** Whether bytes are the first round of a protocol, as it stands in an accept. */
export function isFirstRound(
  { kind, scheme }: { kind: "generate" | "sign"; scheme: Scheme },
  bytes: Uint8Array,
): boolean {
  try {
    schemes[scheme].firstRound[kind].decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The key that a signature verifies under. @throws {InputError} `path`, or what the options are about. */
export function signingKey(
  key: Pick<PublicKeyPackage, "scheme" | "publicKey" | "chainCode">,
  use: KeyUse,
): Pick<PublicKeyPackage, "scheme" | "publicKey"> {
  return { scheme: key.scheme, publicKey: schemes[key.scheme].signingKeyOf(key, use) };
}

/**
 * Whether a signature of 64 bytes is good, by the strict rules. False, never an error, for bytes of any other
 * shape.
 */
export function verifySignature(
  { scheme, publicKey }: Pick<PublicKeyPackage, "scheme" | "publicKey">,
  payload: Uint8Array,
  signature: Uint8Array,
): boolean {
  return schemes[scheme].verify(publicKey, payload, signature);
}
