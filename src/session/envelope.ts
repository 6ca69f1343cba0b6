/**
 * The envelope: a signed message of a member in a session. Its author cannot deny it, and it is valid in no
 * other session.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytes, bytesUpTo, peerId, record, text } from "../crypto/codec.ts";
import { maxItems, maxSessionMessage } from "../limits.ts";
import type { Envelope, Identity, Statement } from "../ports.ts";

/** The signed part: everything but the body, which it has as a hash. */
const statementRecord = record("quorate/1/statement", {
  session: bytes(32),
  round: text(32),
  from: peerId,
  to: peerId, // "*" for everyone
  bodyHash: bytes(32),
});

const envelopeRecord = record("quorate/1/envelope", {
  session: bytes(32),
  round: text(32),
  from: peerId,
  to: peerId,
  body: bytesUpTo(maxSessionMessage(maxItems)), // of a session with fewer items, its wire takes less
  signature: bytes(64),
});

export const encodeEnvelope = (envelope: Envelope): Uint8Array => envelopeRecord.encode(envelope);
/** @throws {TypeError} */
export const decodeEnvelope = (encoded: Uint8Array): Envelope => envelopeRecord.decode(encoded);

/** The statement that an envelope's signature stands for. */
export function statementOf({ session, round, from, to, body, signature }: Envelope): Statement {
  return { session, round, from, to, signature, bodyHash: sha256(body) };
}

/** Signs a message of `identity`. */
export async function signEnvelope(
  identity: Identity,
  unsigned: Omit<Envelope, "signature" | "from">,
): Promise<Envelope> {
  const { session, round, to, body } = unsigned;
  const from = identity.peer;
  const signature = await identity.sign(
    statementRecord.encode({ session, round, from, to, bodyHash: sha256(body) }),
  );
  return { session, round, from, to, body, signature };
}

/** Whether a statement carries its author's signature. */
export function verifyStatement(identity: Pick<Identity, "verify">, statement: Statement): Promise<boolean> {
  const { signature, ...content } = statement;
  return identity.verify(content.from, statementRecord.encode(content), signature);
}
