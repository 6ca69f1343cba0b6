/**
 * The messages of a key generation, and the hashes over them. Elements and scalars are checked when they are
 * decoded: length, on the curve, canonical, not the identity, of prime order; scalars below the order.
 * @module
 */
import { bytes, type Codec, hash, list, record } from "../crypto/codec.ts";
import type { DlogProof } from "../crypto/dlog_proof.ts";
import { type Element, type Group, groups } from "../crypto/group.ts";
import { maxParties } from "../limits.ts";
import { broadcast, direct, reliable } from "./rounds.ts";

/** The first round: a promise of an opening, 32 bytes. */
export interface Promised {
  readonly promise: Uint8Array;
}

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

function revealCodec(scheme: string, group: Group): Codec<Reveal> {
  const { elementLength, encodeElement, decodeElement, encodeScalar, decodeScalar } = group;
  const wire = record(`quorate/1/generate/${scheme}/reveal`, {
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
function dealCodec(scheme: string, { encodeScalar, decodeScalar }: Group): Codec<{ share: bigint }> {
  const wire = record(`quorate/1/generate/${scheme}/deal`, { share: bytes(32) });
  return {
    encode: ({ share }) => wire.encode({ share: encodeScalar(share) }),
    decode: (input) => ({ share: decodeScalar(wire.decode(input).share) }),
  };
}

function declare(scheme: string, group: Group) {
  return {
    reveal: reliable(revealCodec(scheme, group)),
    deal: direct(dealCodec(scheme, group)),
    confirm: broadcast(record(`quorate/1/generate/${scheme}/confirm`, { outcome: bytes(32) })),
  };
}

/** The rounds of a key generation after the first. */
export type Generating = ReturnType<typeof declare>;

/** The key generation of one scheme. */
export interface GeneratingSuite {
  /** The id of the scheme. Every tag and hash has it: messages for one scheme mean nothing in another. */
  readonly scheme: string;
  readonly group: Group;
  /** The first round: {@linkcode promiseOf}. */
  readonly firstRound: Codec<Promised>;
  readonly rounds: Generating;
}

const suiteOf = (scheme: string, group: Group): GeneratingSuite => ({
  scheme,
  group,
  firstRound: record(`quorate/2/generate/${scheme}/promise`, { promise: bytes(32) }),
  rounds: declare(scheme, group),
});

/**
 * The key generations. Their messages have one shape, but never decode as another scheme's, not even on one
 * curve.
 */
export const generating = {
  ed25519: suiteOf("ed25519", groups.ed25519),
  ecdsa: suiteOf("ecdsa", groups.secp256k1),
  bip340: suiteOf("bip340", groups.secp256k1),
};

/**
 * Member `identifier`'s promise, 32 bytes. It covers the identifier: a copied promise cannot be opened. It
 * covers the attempt: neither can a promise of another attempt. The session has no id yet.
 */
export function promiseOf(
  { scheme, group }: GeneratingSuite,
  attempt: Uint8Array,
  identifier: number,
  { polynomial, chainCode, salt }: Opening,
): Uint8Array {
  const elements = polynomial.map(group.encodeElement);
  return hash(
    "quorate/2/generate/promise",
    scheme,
    attempt,
    identifier,
    elements.length,
    ...elements,
    chainCode,
    salt,
  );
}

/** The hash of all promises and reveals, in the order of the identifiers. 32 bytes. */
export function transcriptOf(
  { scheme, firstRound, rounds: { reveal } }: GeneratingSuite,
  session: Uint8Array,
  promises: readonly Promised[],
  reveals: readonly Reveal[],
): Uint8Array {
  return hash(
    "quorate/1/generate/transcript",
    scheme,
    session,
    promises.length,
    ...promises.map(firstRound.encode),
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
