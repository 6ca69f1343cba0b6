/**
 * Signed records: the record's tag is inside the signed bytes, so that a signature over one type never
 * verifies as another's.
 * @module
 */
import { bytes, bytesUpTo, type Codec, peerId, record } from "../crypto/codec.ts";
import type { PeerId } from "../failure.ts";
import { maxCommandFrame } from "../limits.ts";
import type { Identity } from "../ports.ts";

const signed = record("quorate/1/signed", {
  by: peerId,
  body: bytesUpTo(maxCommandFrame),
  signature: bytes(64),
});

/** A record and its signer. */
export interface Signed<T> {
  readonly by: PeerId;
  readonly value: T;
  /** As it travels: signer, record and signature. */
  readonly encoded: Uint8Array;
}

/** Signs `value` as this node. */
export async function sign<T>(identity: Identity, codec: Codec<T>, value: T): Promise<Signed<T>> {
  const body = codec.encode(value);
  const encoded = signed.encode({ by: identity.peer, body, signature: await identity.sign(body) });
  return { by: identity.peer, value, encoded };
}

/** Reads a signed record, or null if it does not decode or its signature is not `by`'s. */
export async function readSigned<T>(
  identity: Pick<Identity, "verify">,
  codec: Pick<Codec<T>, "decode">,
  encoded: Uint8Array,
): Promise<Signed<T> | null> {
  const read = decoded(codec, encoded);
  if (read === null) return null;
  const { by, value, body, signature } = read;
  return await identity.verify(by, body, signature) ? { by, value, encoded } : null;
}

/** Reads a record without checking its signature, or null if it does not decode. */
export function unverified<T>(codec: Pick<Codec<T>, "decode">, encoded: Uint8Array): Signed<T> | null {
  const read = decoded(codec, encoded);
  return read && { by: read.by, value: read.value, encoded };
}

function decoded<T>(codec: Pick<Codec<T>, "decode">, encoded: Uint8Array) {
  try {
    const { by, body, signature } = signed.decode(encoded);
    return { by, value: codec.decode(body), body, signature };
  } catch {
    return null; // no record of this protocol
  }
}
