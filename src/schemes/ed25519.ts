/**
 * Ed25519 for anybody: EdDSA (RFC 8032), made by FROST (RFC 9591).
 * @module
 */
import { type Child, childOf, tweakVerifyingShares } from "../crypto/bip32.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import { frostEd25519 } from "../crypto/frost_ed25519.ts";
import { groups } from "../crypto/group.ts";
import { InputError } from "../errors.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { generating } from "../protocol/generate_messages.ts";
import { signingFrost } from "../protocol/sign_frost.ts";
import { isWrongFrostShare } from "./frost_share.ts";
import { checkNoOptions, toFields } from "./sign_fields.ts";
import type { ShareFacts, SignatureScheme } from "./scheme.ts";

/** A message for Ed25519, which signs it as it is. */
export interface Ed25519Input {
  /** 0 to 65,536 bytes. */
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

const isWrong = (facts: ShareFacts): boolean =>
  isWrongFrostShare(frostEd25519, childFrostKey(facts.key, facts.path).key, facts);

/** Ed25519, without secrets. */
export const ed25519: SignatureScheme<"ed25519", Ed25519Input, Ed25519Signature> = {
  id: "ed25519",
  firstRound: { generate: generating.ed25519.firstRound, sign: frostEd25519.nonceCommitment },
  rounds: { generate: generating.ed25519.rounds, sign: signingFrost.ed25519 },
  pairwise: false,
  shares: { share: "share", isWrong },
  fieldsOf: (input) => toFields(input, "none"),
  checkFields({ hash, digest, options }) {
    checkNoOptions({ options });
    if (hash !== "none") throw new InputError("hash", `expected none for ed25519, found ${hash}`);
    if (digest.length > 0) throw new InputError("digest", "expected a message for ed25519, found a digest");
  },
  optionsOf: () => ({}),
  payloadOf: ({ message }) => message,
  verify: verifyEd25519,
  verifyAnyForm: verifyEd25519,
  signatureOf: (publicKey, _payload, bytes) => ({ scheme: "ed25519", bytes, publicKey }),
  childOf: (parent, path) => childOf(group, parent, path),
  signingKeyOf: (parent, { path }) =>
    path.length === 0 ? parent.publicKey : childOf(group, parent, path).publicKey,
  addressesOf: () => null,
};
