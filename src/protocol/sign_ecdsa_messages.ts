/**
 * What travels when ECDSA is signed, and the hashes that bind it. Points and scalars are checked when they are decoded:
 * a wrong length, the identity, a scalar from the order on are `malformed-message`, and never reach a check whose
 * failure bans.
 * @module
 */
import * as v from "valibot";
import { bytes, type Codec, hash, record } from "../crypto/codec.ts";
import { extensionBytes } from "../crypto/dkls/ot_extension.ts";
import type { Extension } from "../crypto/dkls/ot_extension.ts";
import { type Correction, correctionBytes } from "../crypto/dkls/rvole.ts";
import { canonical } from "../crypto/dkls/scalars.ts";
import type { Consistency } from "../crypto/dkls/sign.ts";
import { groups } from "../crypto/group.ts";
import { broadcast, direct, directWith } from "./rounds.ts";
import { elementBytes } from "./setup_ecdsa_messages.ts";

const { decodeElement, encodeElement, decodeScalar, encodeScalar } = groups.secp256k1;

/** `count` scalars below the order. */
const scalarBytes = (length: number) =>
  v.pipe(bytes(length), v.check(canonical, "expected scalars below the order"));

/** Round 1, to each: what this signer is about to do, a promise of its nonce, and its first move as Bob. */
export interface Extend extends Extension {
  /** {@linkcode pairRequest}, compared before anything else. */
  readonly request: Uint8Array;
  /** Fresh, 32 bytes. */
  readonly nonce: Uint8Array;
  /** Of R_i, 32 bytes; the same to all. */
  readonly promise: Uint8Array;
}

/** 12,400 bytes and a little. */
const extend: Codec<Extend> = record("quorate/1/sign-ecdsa/extend", {
  request: bytes(32),
  nonce: bytes(32),
  promise: bytes(32),
  columns: bytes(extensionBytes.columns),
  choiceCheck: bytes(extensionBytes.choiceCheck),
  columnChecks: bytes(extensionBytes.columnChecks),
});

/** Round 2, to each: R_i and pk_i, the same to all, and this signer's move as Alice. */
export interface Correct extends Correction, Consistency {
  /** {@linkcode viewOfPromises}. */
  readonly view: Uint8Array;
  /** What opens the promise of R_i, 32 bytes. */
  readonly salt: Uint8Array;
  /** φ_i - χ_ij. */
  readonly psi: bigint;
}

/** 65,900 bytes: more than a frame has by default. */
const correctWire = record("quorate/1/sign-ecdsa/correct", {
  view: bytes(32),
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

/** Round 3, to all: the shares u_i and w_i, and what this signer heard in round 2. */
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

/** What goes to all beside `extend`, so that who promises one nonce here and another there is named. */
const promised = record("quorate/1/sign-ecdsa/promise", { promise: bytes(32) });

/** The rounds of an ECDSA signature. */
export const signingEcdsa = {
  extend: directWith<Extend>(extend, { of: promised.encode, decode: promised.decode }),
  correct: direct(correct),
  finish: broadcast(finish),
};

/** All that a signature is about: who signs what, with which key, in which session. 32 bytes. */
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

/** The request, and which OT state a pair is about to use: they differ before a check fails for it. 32 bytes. */
export function pairRequest(request: Uint8Array, setup: Uint8Array): Uint8Array {
  return hash("quorate/1/sign-ecdsa/pair-request", request, setup);
}

/** Binds one multiplication, up to Bob's first move. 32 bytes. */
export function bobSession(pair: Uint8Array, bob: number, alice: number, nonce: Uint8Array): Uint8Array {
  return hash("quorate/1/sign-ecdsa/bob", pair, bob, alice, nonce);
}

/** Binds the rest of it: to all that the two said to each other in round 1, so also to Alice's nonce. 32 bytes. */
export function aliceSession(session: Uint8Array, fromBob: Extend, fromAlice: Extend): Uint8Array {
  return hash("quorate/1/sign-ecdsa/alice", session, extend.encode(fromBob), extend.encode(fromAlice));
}

/** What everyone must have heard of everyone's round 1, in the order of the party. 32 bytes. */
export function viewOfPromises(heard: readonly Pick<Extend, "promise">[]): Uint8Array {
  return hash("quorate/1/sign-ecdsa/promises", ...heard.map(({ promise }) => promise));
}

/** What everyone must have heard of everyone's round 2. 32 bytes. */
export function viewOfNonces(heard: readonly Pick<Consistency, "nonce" | "key">[]): Uint8Array {
  return hash(
    "quorate/1/sign-ecdsa/nonces",
    ...heard.flatMap(({ nonce, key }) => [nonce, key].map(encodeElement)),
  );
}
