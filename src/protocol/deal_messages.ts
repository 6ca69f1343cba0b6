/**
 * The messages by which a key is dealt, in a generation and in a resharing, and the hashes over them. Elements
 * and scalars are checked when they are decoded: length, on the curve, canonical, not the identity, of prime
 * order; scalars below the order.
 * @module
 */
import { bytes, type Codec, hash, list, record } from "../crypto/codec.ts";
import type { DlogProof } from "../crypto/dlog_proof.ts";
import { type Element, type Group, groups } from "../crypto/group.ts";
import { maxParties } from "../limits.ts";
import type { Act, Dealing } from "./dealing.ts";
import { orEmpty } from "./empty_message.ts";
import { broadcast, direct, reliable, type Round } from "./rounds.ts";

/** The first round. */
export interface Promised {
  /** A promise of an opening, 32 bytes; null from whoever deals nothing. */
  readonly promise: Uint8Array | null;
  /** In a resharing the {@linkcode hashOfDealing}, 32 bytes, from everyone; otherwise left out. */
  readonly dealing?: Uint8Array;
}

/** The values that a dealer promises first, and reveals after everyone has promised. */
export interface Opening {
  /** The commitment to f: A_0 … A_{t-1}. The protocol checks that there are t: a codec does not know t. */
  readonly polynomial: readonly Element[];
  /** This dealer's part of the chain code, 32 bytes; none, 0 bytes, where the key has a chain code already. */
  readonly chainCode: Uint8Array;
  /** 32 bytes that keep the promise from being tested against guesses. */
  readonly salt: Uint8Array;
}

/** Round 2: the opening, and a proof of knowledge of A_0's logarithm. */
export type Reveal = Opening & { readonly proof: DlogProof };

/** Round 3: f(x) for its recipient. It may be 0; it is checked against the revealed commitment. */
export interface Dealt {
  readonly share: bigint;
}

/** Round 4: the hash of the result, 32 bytes. */
interface Confirmation {
  readonly outcome: Uint8Array;
}

function revealCodec(act: Act, scheme: string, group: Group): Codec<Reveal> {
  const { elementLength, encodeElement, decodeElement, encodeScalar, decodeScalar } = group;
  const wire = record(`quorate/1/${act}/${scheme}/reveal`, {
    polynomial: list(bytes(elementLength), maxParties),
    chainCode: bytes(act === "generate" ? 32 : 0),
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

function dealCodec(act: Act, scheme: string, { encodeScalar, decodeScalar }: Group): Codec<Dealt> {
  const wire = record(`quorate/1/${act}/${scheme}/deal`, { share: bytes(32) });
  return {
    encode: ({ share }) => wire.encode({ share: encodeScalar(share) }),
    decode: (input) => ({ share: decodeScalar(wire.decode(input).share) }),
  };
}

const confirmCodec = (act: Act, scheme: string): Codec<Confirmation> =>
  record(`quorate/1/${act}/${scheme}/confirm`, { outcome: bytes(32) });

/** The rounds of a dealing after the first. A message is null where its sender has none. */
export type DealingRounds = {
  readonly reveal: Round<Reveal | null>;
  readonly deal: Round<Dealt | null>;
  readonly confirm: Round<Confirmation>;
};

/** One act for one scheme. */
export interface DealingSuite {
  readonly act: Act;
  /** The id of the scheme. Every tag and hash has it: messages for one scheme mean nothing in another. */
  readonly scheme: string;
  readonly group: Group;
  /** The first round: {@linkcode promiseOf} and, in a resharing, {@linkcode hashOfDealing}. */
  readonly firstRound: Codec<Promised>;
  readonly rounds: DealingRounds;
}

/** Everybody deals to everybody. A generation that fails leaves no key, so that no share dealt in it is a secret. */
const generatingSuite = (scheme: string, group: Group) => ({
  act: "generate" as const,
  scheme,
  group,
  firstRound: record(`quorate/2/generate/${scheme}/promise`, { promise: bytes(32) }),
  rounds: {
    reveal: reliable(revealCodec("generate", scheme, group), "worthless"),
    deal: direct(dealCodec("generate", scheme, group), "worthless"),
    confirm: broadcast(confirmCodec("generate", scheme), "worthless"),
  },
});

/** The first round of a resharing. @param tag Of the resharing. */
function resharingPromise(tag: string): Codec<Required<Promised>> {
  const wire = record(`${tag}/promise`, { dealing: bytes(32), promise: list(bytes(32), 1) });
  return {
    encode: ({ dealing, promise }) => wire.encode({ dealing, promise: promise === null ? [] : [promise] }),
    decode(input) {
      const { dealing, promise: [promise] } = wire.decode(input);
      return { dealing, promise: promise ?? null };
    },
  };
}

/**
 * Dealers deal to recipients; all else is empty. A right share f_i(x_j) of an honest dealer stays a secret when the
 * run fails: with t'-1 others it is λ_i · s_i, a share that still signs.
 */
const resharingSuite = (scheme: string, group: Group): DealingSuite => {
  const tag = `quorate/1/reshare/${scheme}`;
  return {
    act: "reshare",
    scheme,
    group,
    firstRound: resharingPromise(tag),
    rounds: {
      reveal: reliable(orEmpty(`${tag}/no-reveal`, revealCodec("reshare", scheme, group))),
      deal: direct(orEmpty(`${tag}/no-deal`, dealCodec("reshare", scheme, group))),
      confirm: broadcast(confirmCodec("reshare", scheme)),
    },
  };
};

/** The key generation of one scheme: every message has content. */
export type GeneratingSuite = ReturnType<typeof generatingSuite>;

/**
 * The key generations. Their messages have one shape, but never decode as another scheme's, not even on one
 * curve.
 */
export const generating = {
  ed25519: generatingSuite("ed25519", groups.ed25519),
  ecdsa: generatingSuite("ecdsa", groups.secp256k1),
  bip340: generatingSuite("bip340", groups.secp256k1),
};

/** The resharings. Their messages never decode as a generation's, or as another scheme's. */
export const resharings = {
  ed25519: resharingSuite("ed25519", groups.ed25519),
  ecdsa: resharingSuite("ecdsa", groups.secp256k1),
  bip340: resharingSuite("bip340", groups.secp256k1),
};

/** Every act for every scheme. */
export const dealingSuites: Readonly<Record<Act, Readonly<Record<keyof typeof generating, DealingSuite>>>> = {
  generate: generating,
  reshare: resharings,
};

/**
 * A dealer's promise, 32 bytes. It covers the dealer's place in the party: a copied promise cannot be opened. It
 * covers the attempt: neither can a promise of another attempt. The session has no id yet.
 */
export function promiseOf(
  { act, scheme, group }: Pick<DealingSuite, "act" | "scheme" | "group">,
  attempt: Uint8Array,
  place: number,
  { polynomial, chainCode, salt }: Opening,
): Uint8Array {
  const elements = polynomial.map(group.encodeElement);
  const promised = [scheme, attempt, place, elements.length, ...elements, chainCode, salt];
  return act === "generate"
    ? hash("quorate/2/generate/promise", ...promised)
    : hash("quorate/1/reshare/promise", ...promised);
}

/**
 * The hash of a resharing, 32 bytes: all that its peers must agree on before a share of it may be shown. To a peer
 * that sees another order of the recipients, every right share looks wrong. Null for a generation, whose party and
 * threshold are all there is to it.
 */
export function hashOfDealing(scheme: string, { constantTerm, ...dealing }: Dealing): Uint8Array | null {
  if (constantTerm.is === "random") return null;
  const { publicKey, chainCode, epoch, threshold, members, verifyingShares } = constantTerm.of;
  const { dealers, recipients, gone } = dealing;
  return hash(
    "quorate/2/reshare/dealing",
    scheme,
    publicKey,
    chainCode,
    epoch,
    threshold,
    members.length,
    ...members,
    verifyingShares.length,
    ...verifyingShares,
    dealers.length,
    ...dealers,
    recipients.length,
    ...recipients,
    gone.length,
    ...gone,
    dealing.threshold,
  );
}

/** The hash of all promises and reveals, in the order of the party. 32 bytes. */
export function transcriptOf(
  { scheme, firstRound, rounds: { reveal } }: DealingSuite,
  session: Uint8Array,
  promises: readonly Promised[],
  reveals: readonly (Reveal | null)[],
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
