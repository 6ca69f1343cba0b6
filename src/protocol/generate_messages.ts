/**
 * The messages of a key generation, and the hashes over them. Elements and scalars are checked when they are
 * decoded: length, on the curve, canonical, not the identity, of prime order; scalars below the order.
 * @module
 */
import { bytes, type Codec, hash, list, record } from "../crypto/codec.ts";
import type { DlogProof } from "../crypto/dlog_proof.ts";
import { type Curve, type Element, type Group, groups } from "../crypto/group.ts";
import { maxParties } from "../limits.ts";
import { broadcast, direct, reliable } from "./rounds.ts";

/** The values that a member promises first, and reveals after everyone has promised. */
export interface Opening {
  /** The commitment to f: A_0 … A_{t-1}. The protocol checks that there are t: a codec does not know t. */
  readonly polynomial: readonly Element[];
  /** This member's part of the chain code, 32 bytes. */
  readonly chainCode: Uint8Array;
  /** 32 bytes that keep the promise from being tested against guesses. */
  readonly salt: Uint8Array;
}

/** Round 2: the opening, and a proof of knowledge of A_0's logarithm. */
export type Reveal = Opening & { readonly proof: DlogProof };

function revealCodec(group: Group): Codec<Reveal> {
  const { curve, elementLength, encodeElement, decodeElement, encodeScalar, decodeScalar } = group;
  const wire = record(`quorate/1/generate/${curve}/reveal`, {
    polynomial: list(bytes(elementLength), maxParties),
    chainCode: bytes(32),
    salt: bytes(32),
    commitment: bytes(elementLength),
    response: bytes(32),
  });
  return {
    encode: ({ polynomial, chainCode, salt, proof }) =>
      wire.encode({
        polynomial: polynomial.map(encodeElement),
        chainCode,
        salt,
        commitment: encodeElement(proof.commitment),
        response: encodeScalar(proof.response),
      }),
    decode(input) {
      const { polynomial, chainCode, salt, commitment, response } = wire.decode(input);
      const proof = { commitment: decodeElement(commitment), response: decodeScalar(response) };
      return { polynomial: polynomial.map(decodeElement), chainCode, salt, proof };
    },
  };
}

/** Round 3: f(x) for its recipient. It may be 0; it is checked against the revealed commitment. */
function dealCodec({ curve, encodeScalar, decodeScalar }: Group): Codec<{ share: bigint }> {
  const wire = record(`quorate/1/generate/${curve}/deal`, { share: bytes(32) });
  return {
    encode: ({ share }) => wire.encode({ share: encodeScalar(share) }),
    decode: (input) => ({ share: decodeScalar(wire.decode(input).share) }),
  };
}

function declare(group: Group) {
  const { curve } = group;
  return {
    commit: reliable(record(`quorate/1/generate/${curve}/commit`, { promise: bytes(32) })),
    reveal: reliable(revealCodec(group)),
    deal: direct(dealCodec(group)),
    confirm: broadcast(record(`quorate/1/generate/${curve}/confirm`, { outcome: bytes(32) })),
  };
}

/**
 * The rounds of a key generation. Messages have one shape on both curves, but never decode as the other
 * curve's.
 */
export type Generating = ReturnType<typeof declare>;
export const generating: Readonly<Record<Curve, Generating>> = {
  ed25519: declare(groups.ed25519),
  secp256k1: declare(groups.secp256k1),
};

/**
 * Member `identifier`'s promise of round 1, 32 bytes. It covers the identifier: a copied promise cannot be
 * opened.
 */
export function promiseOf(
  group: Group,
  session: Uint8Array,
  identifier: number,
  { polynomial, chainCode, salt }: Opening,
): Uint8Array {
  const elements = polynomial.map(group.encodeElement);
  return hash(
    "quorate/1/generate/promise",
    group.curve,
    session,
    identifier,
    elements.length,
    ...elements,
    chainCode,
    salt,
  );
}

/** The hash of all broadcasts, in the order of the identifiers. 32 bytes. */
export function transcriptOf(
  group: Group,
  session: Uint8Array,
  promises: readonly { promise: Uint8Array }[],
  reveals: readonly Reveal[],
): Uint8Array {
  const { commit, reveal } = generating[group.curve];
  return hash(
    "quorate/1/generate/transcript",
    group.curve,
    session,
    promises.length,
    ...promises.map(commit.codec.encode),
    ...reveals.map(reveal.codec.encode),
  );
}

/** The chain code, made of everyone's part so that nobody can choose it. 32 bytes. */
export function chainCodeOf(session: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return hash("quorate/1/generate/chain-code", session, ...parts);
}

/** The hash of the result, which must be the same at every party. 32 bytes. */
export function outcomeOf(
  session: Uint8Array,
  { publicKey, verifyingShares, chainCode, transcript }: {
    publicKey: Uint8Array;
    verifyingShares: readonly Uint8Array[];
    chainCode: Uint8Array;
    transcript: Uint8Array;
  },
): Uint8Array {
  return hash(
    "quorate/1/generate/outcome",
    session,
    publicKey,
    verifyingShares.length,
    ...verifyingShares,
    chainCode,
    transcript,
  );
}
