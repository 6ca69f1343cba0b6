/**
 * The record of a key's public package, as it is kept, signed and sent.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, peerId, record, uint, walletName } from "../crypto/codec.ts";
import { maxParties } from "../limits.ts";
import type { PublicKeyPackage } from "../ports.ts";
import { schemeIds } from "../schemes/schemes.ts";

/** The fields of a key's public package, for every record that has one. */
export const packageFields = {
  wallet: walletName,
  scheme: v.picklist(schemeIds),
  epoch: uint,
  threshold: uint,
  members: list(peerId, maxParties),
  publicKey: bytesUpTo(33),
  verifyingShares: list(bytesUpTo(33), maxParties),
  chainCode: bytes(32),
} as const;

const publicKeyRecord = record("quorate/3/public-key", packageFields);

/** At most 4,096 bytes. */
export const encodePackage = (key: PublicKeyPackage): Uint8Array =>
  publicKeyRecord.encode({ ...key, members: [...key.members], verifyingShares: [...key.verifyingShares] });

/** @throws {TypeError} */
export const decodePackage = (encoded: Uint8Array): PublicKeyPackage => publicKeyRecord.decode(encoded);
