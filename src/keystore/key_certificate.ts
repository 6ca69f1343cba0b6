/**
 * The certificate of a key, as it is sent: its public package, the yes of all its members, and who asked for
 * it.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record, uint } from "../crypto/codec.ts";
import { maxParties, maxPreimage } from "../limits.ts";
import { decodePackage, encodePackage } from "./public_key_record.ts";
import { type KeyRow, parentFields, parentOf } from "./key_rows.ts";

/** The most bytes of a certificate: a key of 16 members, and the preimage of its session. */
export const maxCertificate = 32 * 1024;

const certificate = record("quorate/2/certificate", {
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytes(32),
  votes: list(bytes(64), maxParties),
  /** The signed preimage of the session's id, which names the initiator. */
  preimage: bytesUpTo(maxPreimage),
  /** The session and the vote of the epoch that was dealt anew, 32 bytes each; empty for a key of the first epoch. */
  parent: list(bytes(32), 2),
  /** The releases of its dealers, in the order of the command. */
  releases: list(bytes(64), maxParties),
});

/** @param row Of an active key. */
export const encodeCertificate = (
  { session, key, transcript, votes, preimage, parent, releases }: KeyRow,
): Uint8Array =>
  certificate.encode({
    session,
    key: encodePackage(key!),
    transcript,
    votes: [...votes],
    preimage,
    parent: parentFields(parent),
    releases: [...releases],
  });

/** The row of an active key without a share, unchecked. @throws {TypeError} */
export function decodeCertificate(encoded: Uint8Array): KeyRow {
  const { key, parent, ...rest } = certificate.decode(encoded);
  return {
    ...rest,
    key: decodePackage(key),
    parent: parentOf(parent),
    state: "active",
    share: new Uint8Array(),
    opens: [],
    nos: [],
    at: 0,
  };
}

const shown = record("quorate/2/key-shown", {
  certificate: bytesUpTo(maxCertificate),
  /** Whether the sender holds a share of the key. */
  held: v.boolean(),
  /** The number of the sender's change up to which it has shown everything with this one. */
  place: uint,
});

/** A certificate as it is sent to a peer that asks for keys. */
export const encodeShown = (row: KeyRow, held: boolean, place: number): Uint8Array =>
  shown.encode({ certificate: encodeCertificate(row), held, place });

/** @throws {TypeError} */
export function decodeShown(encoded: Uint8Array): { row: KeyRow; held: boolean; place: number } {
  const { certificate, ...rest } = shown.decode(encoded);
  return { row: decodeCertificate(certificate), ...rest };
}
