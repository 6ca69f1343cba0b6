/**
 * The messages of an ECDSA batch, and the hashes that bind them. A batch signs 1 to 256 items: each message carries
 * vectors, in the order of the items. Points and scalars are checked when they are decoded: a wrong length, another
 * number of items, the identity, or a scalar not below the order is `malformed-message`, and never reaches a check
 * whose failure bans.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, type Codec, hash, record } from "../crypto/codec.ts";
import {
  canonical,
  columnsBytes,
  correctionBytes,
  extensionBytes,
  pointBytes,
  scalarBytes,
} from "../crypto/dkls_shapes.ts";
import type { Extension } from "../crypto/dkls/ot_extension.ts";
import type { Correction } from "../crypto/dkls/rvole.ts";
import type { Consistency } from "../crypto/dkls/sign.ts";
import { type Element, groups } from "../crypto/group.ts";
import { maxItems, maxMultiplications } from "../limits.ts";
import { broadcast, direct } from "./rounds.ts";

const { decodeElement, encodeElement, decodeScalar, encodeScalar } = groups.secp256k1;

/** The most items of one batch under a key: 256, or 512 divided by the number of other signers. */
export function maxEcdsaItems(threshold: number): number {
  return Math.min(maxItems, Math.floor(maxMultiplications / (threshold - 1)));
}

/** A part of `each` bytes for each item. The exact number is for {@linkcode exactly} to check. */
const vector = (each: number) => bytesUpTo(maxItems * each);
/** A vector of scalars below the order. */
const scalarVector = (each: number) =>
  v.pipe(vector(each), v.check(canonical, "expected scalars below the order"));

/** The codec of `wire`'s messages in which these vectors have exactly these lengths, in bytes. */
function exactly<T extends Record<string, Uint8Array>>(
  wire: Codec<T>,
  lengths: Partial<Record<keyof T, number>>,
): Codec<T> {
  return {
    encode: wire.encode,
    /** @throws {TypeError} Also for a message of another number of items. */
    decode(input) {
      const message = wire.decode(input);
      for (const [name, length] of Object.entries(lengths) as [keyof T, number][]) {
        const found = message[name]!.length;
        if (found === length) continue;
        throw new TypeError(`Cannot decode ${String(name)}: expected ${length} bytes, found ${found}`);
      }
      return message;
    },
  };
}

/** The lengths of vectors with `each` bytes for an item. */
const lengthsOf = <K extends string>(each: Readonly<Record<K, number>>, items: number) =>
  Object.fromEntries(Object.entries<number>(each).map(([name, bytes]) => [name, items * bytes])) as Record<
    K,
    number
  >;

/** The parts of all items, one after the other. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The part of one item in a vector of `each` bytes an item. */
const partOf = (vector: Uint8Array, item: number, each: number) =>
  vector.subarray(item * each, (item + 1) * each);

/** Something for each item, in their order. */
const forEach = <T>(items: number, make: (item: number) => T) =>
  Array.from({ length: items }, (_, item) => make(item));

/** The first round: a promise of all R_i, 32 bytes. */
export const promisedNonces = record("quorate/3/sign-ecdsa/promise", { promise: bytes(32) });

/** Round 1, to each: the request, and this signer's first message as Bob. */
export interface Extend extends Extension {
  /** {@linkcode pairRequest}, compared before anything else. */
  readonly request: Uint8Array;
  /** Fresh, 32 bytes. */
  readonly nonce: Uint8Array;
}

/** About 8,192 bytes for each item, and 4,200. */
const extendWire = record("quorate/3/sign-ecdsa/extend", {
  request: bytes(32),
  nonce: bytes(32),
  columns: bytesUpTo(columnsBytes(maxItems)),
  choiceCheck: bytes(extensionBytes.choiceCheck),
  columnChecks: bytes(extensionBytes.columnChecks),
});

const extendOf = (items: number): Codec<Extend> => exactly(extendWire, { columns: columnsBytes(items) });

/** One item of round 2: R_i and pk_i, the same to all, and this signer's message as Alice. */
export interface CorrectItem extends Correction, Consistency {
  /** φ_i - χ_ij. */
  readonly psi: bigint;
}

/** Round 2, to each. */
export interface Correct {
  /** Opens the promise of all R_i, 32 bytes. */
  readonly salt: Uint8Array;
  readonly items: readonly CorrectItem[];
}

const correctEach = {
  nonces: pointBytes,
  keys: pointBytes,
  gammasU: pointBytes,
  gammasV: pointBytes,
  psis: scalarBytes,
  corrections: correctionBytes.corrections,
  responses: correctionBytes.responses,
  digests: correctionBytes.digest,
} as const;

/** About 65,800 bytes for each item. */
const correctWire = record("quorate/3/sign-ecdsa/correct", {
  nonces: vector(correctEach.nonces),
  salt: bytes(32),
  keys: vector(correctEach.keys),
  gammasU: vector(correctEach.gammasU),
  gammasV: vector(correctEach.gammasV),
  psis: scalarVector(correctEach.psis),
  corrections: scalarVector(correctEach.corrections),
  responses: scalarVector(correctEach.responses),
  digests: vector(correctEach.digests),
});

function correctOf(count: number): Codec<Correct> {
  const wire = exactly(correctWire, lengthsOf(correctEach, count));
  return {
    encode({ salt, items }) {
      const points = (of: (item: CorrectItem) => Element) =>
        joined(items.map((item) => encodeElement(of(item))));
      return wire.encode({
        nonces: points(({ nonce }) => nonce),
        salt,
        keys: points(({ key }) => key),
        gammasU: points(({ gammas }) => gammas[0]),
        gammasV: points(({ gammas }) => gammas[1]),
        psis: joined(items.map(({ psi }) => encodeScalar(psi))),
        corrections: joined(items.map(({ corrections }) => corrections)),
        responses: joined(items.map(({ responses }) => responses)),
        digests: joined(items.map(({ digest }) => digest)),
      });
    },
    decode(input) {
      const { salt, ...vectors } = wire.decode(input);
      return {
        salt,
        items: forEach(count, (item) => {
          const part = (name: keyof typeof vectors) => partOf(vectors[name], item, correctEach[name]);
          return {
            nonce: decodeElement(part("nonces")),
            key: decodeElement(part("keys")),
            gammas: [decodeElement(part("gammasU")), decodeElement(part("gammasV"))],
            psi: decodeScalar(part("psis")),
            corrections: part("corrections"),
            responses: part("responses"),
            digest: part("digests"),
          };
        }),
      };
    },
  };
}

/** Round 3, to all: the shares u_i and w_i of each item, and a hash of the nonces and keys that this signer received. */
export interface Finish {
  readonly items: readonly { readonly u: bigint; readonly w: bigint }[];
  /** {@linkcode viewOfNonces}. */
  readonly view: Uint8Array;
}

/** 64 bytes for each item, and 70. */
const finishWire = record("quorate/3/sign-ecdsa/finish", {
  us: scalarVector(scalarBytes),
  ws: scalarVector(scalarBytes),
  view: bytes(32),
});

function finishOf(count: number): Codec<Finish> {
  const wire = exactly(finishWire, lengthsOf({ us: scalarBytes, ws: scalarBytes }, count));
  return {
    encode: ({ items, view }) =>
      wire.encode({
        us: joined(items.map(({ u }) => encodeScalar(u))),
        ws: joined(items.map(({ w }) => encodeScalar(w))),
        view,
      }),
    decode(input) {
      const { us, ws, view } = wire.decode(input);
      const scalar = (vector: Uint8Array, item: number) => decodeScalar(partOf(vector, item, scalarBytes));
      return { items: forEach(count, (item) => ({ u: scalar(us, item), w: scalar(ws, item) })), view };
    },
  };
}

/** The rounds of an ECDSA batch of `items` after the first. */
export function signingEcdsa(items: number) {
  return {
    extend: direct(extendOf(items)),
    correct: direct(correctOf(items)),
    finish: broadcast(finishOf(items)),
  };
}

/** The hash of one item's task: session, number of the item, key, digest and signers. 32 bytes. */
export function requestOf(
  { session, item, publicKey, digest, signers }: {
    session: Uint8Array;
    item: number;
    publicKey: Uint8Array;
    digest: Uint8Array;
    signers: readonly number[];
  },
): Uint8Array {
  return hash(
    "quorate/3/sign-ecdsa/request",
    session,
    item,
    publicKey,
    digest,
    signers.length,
    ...signers,
  );
}

/**
 * The hash of the requests of all items and of a pair's OT state: a wrong state shows here, before a check could
 * fail for it. 32 bytes.
 */
export function pairRequest(requests: readonly Uint8Array[], setup: Uint8Array): Uint8Array {
  return hash("quorate/3/sign-ecdsa/pair-request", setup, ...requests);
}

/** Binds the multiplications of a batch, up to Bob's first message. 32 bytes. */
export function bobSession(pair: Uint8Array, bob: number, alice: number, nonce: Uint8Array): Uint8Array {
  return hash("quorate/1/sign-ecdsa/bob", pair, bob, alice, nonce);
}

/** The hash of an `extend`, 32 bytes: it is in both directions' sessions, and long. */
export function extendHash(message: Extend): Uint8Array {
  return hash("quorate/3/sign-ecdsa/extend-hash", extendWire.encode(message));
}

/**
 * Binds the rest of them to both messages of round 1, and so to Alice's nonce. 32 bytes.
 *
 * @param fromBob His {@linkcode extendHash}.
 * @param fromAlice Hers.
 */
export function aliceSession(session: Uint8Array, fromBob: Uint8Array, fromAlice: Uint8Array): Uint8Array {
  return hash("quorate/3/sign-ecdsa/alice", session, fromBob, fromAlice);
}

/**
 * The hash of the nonces and keys of round 2: for each signer, in the order of the party, those of all items. It is
 * the same at every signer. 32 bytes.
 */
export function viewOfNonces(
  openings: readonly (readonly Pick<Consistency, "nonce" | "key">[])[],
): Uint8Array {
  return hash(
    "quorate/3/sign-ecdsa/nonces",
    ...openings.map((items) => joined(items.flatMap(({ nonce, key }) => [nonce, key].map(encodeElement)))),
  );
}
