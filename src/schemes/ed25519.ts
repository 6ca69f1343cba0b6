/**
 * Ed25519 for anybody: EdDSA (RFC 8032), made by FROST (RFC 9591).
 * @module
 */
import { base58Address } from "../crypto/address.ts";
import { type Child, childOf, tweakVerifyingShares } from "../crypto/bip32.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { isOneSharing } from "../crypto/feldman.ts";
import { groups } from "../crypto/group.ts";
import { maxItems } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { generating, resharings } from "../protocol/deal_messages.ts";
import { signingFrost } from "../protocol/sign_frost_messages.ts";
import { wrongFrostShares } from "./frost_share.ts";
import { checkNoOptions } from "./sign_fields.ts";
import type { ShareFacts, SignatureScheme } from "./scheme.ts";
import { ed25519Verifying } from "./verifying/ed25519_verifying.ts";

/** A message for Ed25519, which signs it as it is. */
export interface Ed25519Input {
  /**
   * 0 to 65,536 bytes. Ed25519 signs no digest of a longer message: a signature of a large file that others verify as
   * plain Ed25519 is not made here. Sign a hash of the file, or a format that has one in it, such as that of `ssh-keygen`.
   */
  message: Uint8Array;
  /** Ed25519 knows none. */
  hash?: undefined;
  /** Ed25519 signs no digests. */
  digest?: undefined;
}

/** An Ed25519 signature. It has been verified under its key. */
export interface Ed25519Signature {
  /** The scheme of its key. */
  scheme: "ed25519";
  /** RFC 8032, 64 bytes. */
  bytes: Uint8Array;
  /** The public key of the signature: the key, or its child; 32 bytes. */
  publicKey: Uint8Array;
}

const group = groups.ed25519;

/**
 * The child of a key, with its verifying shares: the key that FROST signs with, and that shares are judged by.
 *
 * @returns The child's public key and verifying shares in place of the key's, and the tweak that leads to it.
 * @throws {InputError} `path`
 */
export function childFrostKey(
  key: PublicKeyPackage,
  path: readonly number[],
): { key: PublicKeyPackage; child: Child } {
  const child = childOf(group, key, path);
  const verifyingShares = path.length === 0 ? key.verifyingShares : tweakVerifyingShares(group, key, child);
  return { key: { ...key, publicKey: child.publicKey, verifyingShares }, child };
}

const wrongShares = (facts: ShareFacts): number[] =>
  wrongFrostShares(frostEd25519, ({ path }) => childFrostKey(facts.key, path).key, facts);

/** Ed25519, without secrets. */
export const ed25519: SignatureScheme<"ed25519", Ed25519Input, Ed25519Signature> = {
  ...ed25519Verifying,
  generating: generating.ed25519,
  resharing: resharings.ed25519,
  signing: (items) => signingFrost(frostEd25519, items),
  mostItems: () => maxItems,
  pairwise: false,
  shares: { commit: "commit", share: "share", wrongShares },
  isOneSharing: (key) => isOneSharing(group, key),
  fieldsOf: (input) => ({ ...ed25519Verifying.inputOf(input), options: new Uint8Array() }),
  checkFields(fields) {
    checkNoOptions(fields);
    ed25519Verifying.checkMessage(fields);
  },
  optionsOf: () => ({}),
  signatureOf: (publicKey, _payload, bytes) => ({ scheme: "ed25519", bytes, publicKey }),
  signingKeyOf: (parent, { path }) => ed25519Verifying.verifyingKeyOf(parent, { path, options: {} }),
  addressesOf: (publicKey) => ({ solana: base58Address(publicKey) }),
};
