/**
 * ECDSA for anybody: on secp256k1 (SEC 1 §4.1), made by DKLs23. Nothing of DKLs23's arithmetic is loaded for
 * it.
 * @module
 */
import { bitcoinAddress, ethereumAddress } from "../crypto/address.ts";
import { childOf } from "../crypto/bip32.ts";
import {
  type DigestHash,
  digestOf,
  digestScalar,
  recoveryOf,
  toDer,
  toEthereum,
  verifyEcdsa,
  verifyEthereum,
} from "../crypto/ecdsa_signature.ts";
import { groups } from "../crypto/group.ts";
import { InputError, SessionError } from "../errors.ts";
import { generating } from "../protocol/generate_messages.ts";
import { generatingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { promisedNonce, signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { checkNoOptions, toFields } from "./sign_fields.ts";
import type { SignatureScheme, SignFields } from "./scheme.ts";

/**
 * The input of an ECDSA signature: a message or its digest. A policy can read a message, but not a digest.
 */
export type EcdsaInput =
  | {
    /** 0 to 65,536 bytes. */
    message: Uint8Array;
    /** The hash that makes its digest; by default `sha256`. */
    hash?: DigestHash;
    /** Not beside a message. */
    digest?: undefined;
  }
  | {
    /** 32 bytes, not zero and below the order. */
    digest: Uint8Array;
    /** The hash that made the digest. */
    hash: DigestHash;
    /** Not beside a digest. */
    message?: undefined;
  };

/** An ECDSA signature. It has been verified under its key. */
export interface EcdsaSignature {
  /** The scheme of its key. */
  scheme: "ecdsa";
  /** r and s, big-endian, s at most half the order: 64 bytes. */
  bytes: Uint8Array;
  /** The recovery bits, 0 to 3, which select R among the points with this r. */
  recovery: number;
  /** Strict DER (BIP 66), 8 to 72 bytes. */
  der: Uint8Array;
  /** r, s and 27 + recovery, 65 bytes, as `ecrecover` reads them; null for the 2^-127 that have none. */
  ethereum: Uint8Array | null;
  /** The signed digest, 32 bytes. */
  digest: Uint8Array;
  /** The public key of the signature: the key, or its child; 33 bytes. */
  publicKey: Uint8Array;
}

const group = groups.secp256k1;
const hashes: readonly string[] = ["sha256", "sha256d", "keccak256"] satisfies DigestHash[];

const digestOfFields = ({ message, digest, hash }: SignFields): Uint8Array =>
  digest.length > 0 ? digest : digestOf(hash as DigestHash, message);

/** ECDSA, without secrets. */
export const ecdsa: SignatureScheme<"ecdsa", EcdsaInput, EcdsaSignature> = {
  id: "ecdsa",
  firstRound: { generate: generating.ecdsa.firstRound, sign: promisedNonce },
  rounds: { generate: generatingEcdsa, sign: signingEcdsa },
  pairwise: true,
  shares: null,
  fieldsOf: (input) => toFields(input, "sha256"),
  checkFields(fields) {
    const { message, digest, hash } = fields;
    checkNoOptions(fields);
    if (!hashes.includes(hash)) {
      throw new InputError("hash", `expected one of ${hashes.join(", ")}, found ${String(hash)}`);
    }
    if (digest.length > 0 && message.length > 0) {
      throw new InputError("digest", "expected a message or a digest, found both");
    }
    if (digestScalar(digestOfFields(fields)) === null) {
      throw new InputError("digest", "expected 32 bytes that are not zero and below the order of secp256k1");
    }
  },
  optionsOf: () => ({}),
  payloadOf: digestOfFields,
  verify: verifyEcdsa,
  verifyAnyForm: (publicKey, payload, signature) =>
    signature.length === 65
      ? verifyEthereum(publicKey, payload, signature)
      : verifyEcdsa(publicKey, payload, signature),
  signatureOf(publicKey, payload, bytes) {
    const recovery = recoveryOf(publicKey, payload, bytes);
    if (recovery === null) throw new SessionError("internal"); // it did not verify
    const signature = { compact: bytes, recovery };
    const ethereum = recovery > 1 ? null : toEthereum(signature);
    return { scheme: "ecdsa", bytes, recovery, der: toDer(signature), ethereum, digest: payload, publicKey };
  },
  childOf: (parent, path) => childOf(group, parent, path),
  signingKeyOf: (parent, { path }) =>
    path.length === 0 ? parent.publicKey : childOf(group, parent, path).publicKey,
  addressesOf: (publicKey) => ({
    bitcoin: bitcoinAddress(publicKey),
    ethereum: ethereumAddress(publicKey),
  }),
};
