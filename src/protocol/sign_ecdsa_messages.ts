/**
 * The messages of an ECDSA signature, and the hashes that bind them. Points and scalars are checked when they
 * are decoded: a wrong length, the identity, or a scalar not below the order is `malformed-message`, and
 * never reaches a check whose failure bans.
 * @module
 */
import * as v from "valibot";
import { bytes, type Codec, hash, record } from "../crypto/codec.ts";
import { canonical, correctionBytes, extensionBytes } from "../crypto/dkls_shapes.ts";
import type { Extension } from "../crypto/dkls/ot_extension.ts";
import type { Correction } from "../crypto/dkls/rvole.ts";
import type { Consistency } from "../crypto/dkls/sign.ts";
import { groups } from "../crypto/group.ts";
import { broadcast, direct } from "./rounds.ts";
import { elementBytes } from "./setup_ecdsa_messages.ts";

const { decodeElement, encodeElement, decodeScalar, encodeScalar } = groups.secp256k1;

/** `length` bytes that are scalars below the order. */
const scalarBytes = (length: number) =>
  v.pipe(bytes(length), v.check(canonical, "expected scalars below the order"));

/** The first round: a promise of R_i, 32 bytes. */
export const promisedNonce = record("quorate/2/sign-ecdsa/promise", { promise: bytes(32) });

/** Round 1, to each: the request, and this signer's first message as Bob. */
export interface Extend extends Extension {
  /** {@linkcode pairRequest}, compared before anything else. */
  readonly request: Uint8Array;
  /** Fresh, 32 bytes. */
  readonly nonce: Uint8Array;
}

/** About 12,400 bytes. */
const extend: Codec<Extend> = record("quorate/2/sign-ecdsa/extend", {
  request: bytes(32),
  nonce: bytes(32),
  columns: bytes(extensionBytes.columns),
  choiceCheck: bytes(extensionBytes.choiceCheck),
  columnChecks: bytes(extensionBytes.columnChecks),
});

/** Round 2, to each: R_i and pk_i, the same to all, and this signer's message as Alice. */
export interface Correct extends Correction, Consistency {
  /** Opens the promise of R_i, 32 bytes. */
  readonly salt: Uint8Array;
  /** φ_i - χ_ij. */
  readonly psi: bigint;
}

/** About 65,900 bytes: more than a frame's default limit. */
const correctWire = record("quorate/2/sign-ecdsa/correct", {
  nonce: elementBytes,
  salt: bytes(32),
  key: elementBytes,
  gammaU: elementBytes,
  gammaV: elementBytes,
  psi: scalarBytes(32),
  corrections: scalarBytes(correctionBytes.corrections),
  responses: scalarBytes(correctionBytes.responses),
  digest: bytes(correctionBytes.digest),
});

const correct: Codec<Correct> = {
  encode: ({ nonce, key, gammas, psi, ...rest }) =>
    correctWire.encode({
      ...rest,
      nonce: encodeElement(nonce),
      key: encodeElement(key),
      gammaU: encodeElement(gammas[0]),
      gammaV: encodeElement(gammas[1]),
      psi: encodeScalar(psi),
    }),
  decode(input) {
    const { nonce, key, gammaU, gammaV, psi, ...rest } = correctWire.decode(input);
    return {
      ...rest,
      nonce: decodeElement(nonce),
      key: decodeElement(key),
      gammas: [decodeElement(gammaU), decodeElement(gammaV)],
      psi: decodeScalar(psi),
    };
  },
};

/** Round 3, to all: the shares u_i and w_i, and a hash of the nonces and keys that this signer received. */
export interface Finish {
  readonly u: bigint;
  readonly w: bigint;
  /** {@linkcode viewOfNonces}. */
  readonly view: Uint8Array;
}

const finishWire = record("quorate/1/sign-ecdsa/finish", {
  u: scalarBytes(32),
  w: scalarBytes(32),
  view: bytes(32),
});

const finish: Codec<Finish> = {
  encode: ({ u, w, view }) => finishWire.encode({ u: encodeScalar(u), w: encodeScalar(w), view }),
  decode(input) {
    const { u, w, view } = finishWire.decode(input);
    return { u: decodeScalar(u), w: decodeScalar(w), view };
  },
};

/** The rounds of an ECDSA signature after the first. */
export const signingEcdsa = {
  extend: direct(extend),
  correct: direct(correct),
  finish: broadcast(finish),
};

/** The hash of a signature's task: session, key, digest and signers. 32 bytes. */
export function requestOf(
  { session, publicKey, digest, signers }: {
    session: Uint8Array;
    publicKey: Uint8Array;
    digest: Uint8Array;
    signers: readonly number[];
  },
): Uint8Array {
  return hash("quorate/1/sign-ecdsa/request", session, publicKey, digest, signers.length, ...signers);
}

/**
 * The hash of a request and of a pair's OT state: a wrong state shows here, before a check could fail for it.
 * 32 bytes.
 */
export function pairRequest(request: Uint8Array, setup: Uint8Array): Uint8Array {
  return hash("quorate/1/sign-ecdsa/pair-request", request, setup);
}

/** Binds one multiplication, up to Bob's first message. 32 bytes. */
export function bobSession(pair: Uint8Array, bob: number, alice: number, nonce: Uint8Array): Uint8Array {
  return hash("quorate/1/sign-ecdsa/bob", pair, bob, alice, nonce);
}

/** Binds the rest of it to both messages of round 1, and so to Alice's nonce. 32 bytes. */
export function aliceSession(session: Uint8Array, fromBob: Extend, fromAlice: Extend): Uint8Array {
  return hash("quorate/1/sign-ecdsa/alice", session, extend.encode(fromBob), extend.encode(fromAlice));
}

/**
 * The hash of the nonces and keys of round 2, in the order of the party: the same at every signer. 32 bytes.
 */
export function viewOfNonces(openings: readonly Pick<Consistency, "nonce" | "key">[]): Uint8Array {
  return hash(
    "quorate/1/sign-ecdsa/nonces",
    ...openings.flatMap(({ nonce, key }) => [nonce, key].map(encodeElement)),
  );
}
