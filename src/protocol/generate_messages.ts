/**
 * What travels in a key generation, and the hashes over it. Elements and scalars are checked when they are decoded:
 * the wrong length, off the curve, not canonical, the identity, not of prime order, not below the order.
 * @module
 */
import { bytes, type Codec, hash, list, record } from "../crypto/codec.ts";
import type { DlogProof } from "../crypto/dlog_proof.ts";
import { type Element, type Group, groups } from "../crypto/group.ts";
import type { Curve } from "../events.ts";
import { maxParties } from "../limits.ts";
import { broadcast, direct, reliable } from "./rounds.ts";

/** What a member promises first and shows after everyone has promised. */
export interface Opening {
  /** A_0 … A_{t-1}. That it has t elements is for the protocol to check: a codec does not know t. */
  readonly polynomial: readonly Element[];
  /** This member's part of the chain code, 32 bytes. */
  readonly chainCode: Uint8Array;
  /** 32 bytes, so that nothing can be guessed from the promise. */
  readonly salt: Uint8Array;
}

/** Round 2: the opening, and the proof to know the logarithm of A_0. */
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

/** Round 3: f(x) of its recipient. It may be 0; whether it is right, the promise says. */
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

/** The rounds of a key generation: their messages are of one shape on both curves, but never decode as the other's. */
export type Generating = ReturnType<typeof declare>;
export const generating: Readonly<Record<Curve, Generating>> = {
  ed25519: declare(groups.ed25519),
  secp256k1: declare(groups.secp256k1),
};

/** What member `identifier` promises in round 1. The identifier is in it: a copied promise cannot be opened. 32 bytes. */
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

/** Everything that was broadcast, in the order of the identifiers. 32 bytes. */
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

/** Everyone's part, so that nobody chose the chain code. 32 bytes. */
export function chainCodeOf(session: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return hash("quorate/1/generate/chain-code", session, ...parts);
}

/** What all must have come to. 32 bytes. */
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
