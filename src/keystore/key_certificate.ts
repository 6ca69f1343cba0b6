/**
 * The certificate of a key, as it is sent: its public package, the yes of all its members, and who asked for
 * it.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record } from "../crypto/codec.ts";
import { maxParties, maxPreimage } from "../limits.ts";
import { decodePackage, encodePackage } from "./public_key_record.ts";
import type { KeyRow } from "./key_rows.ts";

/** The most bytes of a certificate: a key of 16 members, and the preimage of its session. */
export const maxCertificate = 20 * 1024;

const certificate = record("quorate/1/certificate", {
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytes(32),
  votes: list(bytes(64), maxParties),
  /** The signed preimage of the session's id, which names the initiator. */
  preimage: bytesUpTo(maxPreimage),
});

/** @param row Of an active key. */
export const encodeCertificate = ({ session, key, transcript, votes, preimage }: KeyRow): Uint8Array =>
  certificate.encode({ session, key: encodePackage(key!), transcript, votes: [...votes], preimage });

/** The row of an active key without a share, unchecked. @throws {TypeError} */
export function decodeCertificate(encoded: Uint8Array): KeyRow {
  const { key, ...rest } = certificate.decode(encoded);
  return {
    ...rest,
    key: decodePackage(key),
    state: "active",
    share: new Uint8Array(),
    opens: [],
    nos: [],
    at: 0,
  };
}

const shown = record("quorate/1/key-shown", {
  certificate: bytesUpTo(maxCertificate),
  /** Whether the sender holds a share of the key. */
  held: v.boolean(),
});

/** A certificate as it is sent to a peer that asks for keys. */
export const encodeShown = (row: KeyRow, held: boolean): Uint8Array =>
  shown.encode({ certificate: encodeCertificate(row), held });

/** @throws {TypeError} */
export function decodeShown(encoded: Uint8Array): { row: KeyRow; held: boolean } {
  const { certificate, held } = shown.decode(encoded);
  return { row: decodeCertificate(certificate), held };
}
