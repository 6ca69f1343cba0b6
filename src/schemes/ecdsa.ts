/**
 * ECDSA for anybody: on secp256k1 (SEC 1 §4.1), made by DKLs23. Nothing of DKLs23's arithmetic is loaded for
 * it.
 * @module
 */
import { accountAddress, hash160, witnessAddress } from "../crypto/address.ts";
import { toDer } from "../crypto/ecdsa/der.ts";
import { type ClaimedHash, type DigestHash, recoveryOf, toEthereum } from "../crypto/ecdsa/signature.ts";
import { isOneSharing } from "../crypto/feldman.ts";
import { groups } from "../crypto/group.ts";
import { SessionError } from "../errors.ts";
import { generating, resharings } from "../protocol/deal_messages.ts";
import { generatingEcdsa, resharingEcdsa } from "../protocol/setup_ecdsa_messages.ts";
import { maxEcdsaItems, promisedNonces, signingEcdsa } from "../protocol/sign_ecdsa_messages.ts";
import { checkNoOptions } from "./sign_fields.ts";
import type { SignatureScheme } from "./scheme.ts";
import { ecdsaVerifying } from "./verifying/ecdsa_verifying.ts";

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
    /** The hash that made the digest: whoever approves is shown it, as the initiator's word. */
    hash: ClaimedHash;
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

/** ECDSA, without secrets. */
export const ecdsa: SignatureScheme<"ecdsa", EcdsaInput, EcdsaSignature> = {
  ...ecdsaVerifying,
  generating: { firstRound: generating.ecdsa.firstRound, rounds: generatingEcdsa },
  resharing: { firstRound: resharings.ecdsa.firstRound, rounds: resharingEcdsa },
  signing: (items) => ({ firstRound: promisedNonces, rounds: signingEcdsa(items) }),
  mostItems: maxEcdsaItems,
  pairwise: true,
  shares: null,
  isOneSharing: (key) => isOneSharing(group, key),
  fieldsOf: (input) => ({ ...ecdsaVerifying.inputOf(input), options: new Uint8Array() }),
  checkFields(fields) {
    checkNoOptions(fields);
    ecdsaVerifying.checkMessage(fields);
  },
  optionsOf: () => ({}),
  signatureOf(publicKey, payload, bytes) {
    const recovery = recoveryOf(publicKey, payload, bytes);
    if (recovery === null) throw new SessionError("internal"); // it did not verify
    const signature = { compact: bytes, recovery };
    const ethereum = recovery > 1 ? null : toEthereum(signature);
    return { scheme: "ecdsa", bytes, recovery, der: toDer(signature), ethereum, digest: payload, publicKey };
  },
  signingKeyOf: (parent, { path }) => ecdsaVerifying.verifyingKeyOf(parent, { path, options: {} }),
  addressesOf: (publicKey) => ({
    bitcoin: witnessAddress(0, hash160(publicKey), "mainnet"),
    testnet: witnessAddress(0, hash160(publicKey), "testnet"),
    ethereum: accountAddress(publicKey),
  }),
};
