/**
 * A key's certificate as it travels: its public half, and the yes of all its members.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, list, record } from "../crypto/codec.ts";
import { maxParties } from "../limits.ts";
import { decodePackage, encodePackage, type KeyRow } from "../session/commit.ts";

const certificate = record("quorate/1/certificate", {
  session: bytes(32),
  key: bytesUpTo(4096),
  transcript: bytes(32),
  votes: list(bytes(64), maxParties),
});

/** @param row Of an active key. */
export const encodeCertificate = ({ session, key, transcript, votes }: KeyRow): Uint8Array =>
  certificate.encode({ session, key: encodePackage(key!), transcript, votes: [...votes] });

/** The row of an active key without a share; whether its votes are good has not been checked. @throws {TypeError} */
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
  certificate: bytesUpTo(8192),
  /** Whether the peer that shows it holds a share of the key itself. */
  held: v.boolean(),
});

/** A certificate as it is shown to who asks for keys. */
export const encodeShown = (row: KeyRow, held: boolean): Uint8Array =>
  shown.encode({ certificate: encodeCertificate(row), held });

/** @throws {TypeError} */
export function decodeShown(encoded: Uint8Array): { row: KeyRow; held: boolean } {
  const { certificate, held } = shown.decode(encoded);
  return { row: decodeCertificate(certificate), held };
}
