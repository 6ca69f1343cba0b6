/**
 * The table of signature schemes: the one list of them, without any secret.
 * @module
 */
import type { Scheme } from "../events.ts";
import type { Protocol, PublicKeyPackage, SigningItem } from "../ports.ts";
import { bip340, type Bip340Input, type Bip340Options, type Bip340Signature } from "./bip340.ts";
import { ofEachUse } from "./key_use.ts";
import { checkPath } from "./sign_fields.ts";
import { ecdsa, type EcdsaInput, type EcdsaSignature } from "./ecdsa.ts";
import { ed25519, type Ed25519Input, type Ed25519Signature } from "./ed25519.ts";
import type { KeyUse, NoOptions, ProtocolRounds, SignatureScheme, SignItem } from "./scheme.ts";

export { schemeIds } from "./verifying/verifying.ts";

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

/** The input of one item, and the part of the key that signs it. */
export type ItemInput<S extends Scheme = Scheme> = SignInput<S> & {
  /** The non-hardened indices (BIP-32) of a child key that signs instead; for ed25519 see `childKey`. */
  path?: readonly number[];
};

/**
 * Puts an input into an item of a command, and checks it.
 *
 * @throws {InputError} Naming the field and what was found.
 */
export function itemOf(scheme: Scheme, { path = [], ...input }: ItemInput): SignItem {
  const item = { ...schemes[scheme].fieldsOf(input as SignInput), path: [...path] };
  checkItem(scheme, item);
  return item;
}

/** @throws {InputError} If an item does not say one thing to sign with a key of that scheme. */
export function checkItem(scheme: Scheme, item: SignItem): void {
  schemes[scheme].checkFields(item);
  checkPath(item.path);
}

/** An item as the protocol signs it: the message, or its digest. */
export function signingItem(scheme: Scheme, item: SignItem): SigningItem {
  const { path, options } = item;
  return { path, options, payload: schemes[scheme].payloadOf(item) };
}

/** The rounds of a protocol. */
export function roundsOf({ kind, scheme, itemCount }: Protocol): ProtocolRounds {
  const { generating, resharing, signing } = schemes[scheme];
  if (kind === "sign") return signing(itemCount);
  return kind === "generate" ? generating : resharing;
}

/** The names of the rounds of a protocol, in order. */
export const roundNames = (protocol: Protocol): string[] => Object.keys(roundsOf(protocol).rounds);

/** Whether bytes are the first round of a protocol, as it stands in an accept. */
export function isFirstRound(protocol: Protocol, bytes: Uint8Array): boolean {
  try {
    roundsOf(protocol).firstRound.decode(bytes);
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

/** The same for each item, in order; items of one use have one key. @throws {InputError} */
export function signingKeys(
  key: Parameters<typeof signingKey>[0],
  items: readonly KeyUse[],
): ReturnType<typeof signingKey>[] {
  const keyFor = ofEachUse((use) => signingKey(key, use));
  return items.map(keyFor);
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
