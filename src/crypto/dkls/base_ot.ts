/**
 * The 128 base OTs of one direction of a pair (MRR21 figure 3, "BBOT": a key agreement over programmable-once public
 * functions). The sender learns two keys for each, the receiver the one that it chose, and nobody which.
 *
 * sender: b, B = b·G → receiver: for its choice c, M = k·G, φ_{1-c} random, φ_c = M - H(c, φ_{1-c}) → sender:
 * M_0 = φ_0 + H(0, φ_1), M_1 = φ_1 + H(1, φ_0), key_j = H(x(b·M_j)); the receiver has key_c = H(x(k·B)).
 *
 * Number and branch are in every hash: without the number, a receiver that sends one pair many times would correlate
 * its choices (Trail of Bits, TOB-BRON-3 and -5). H is RFC 9380's map, whose time does not depend on its input, as
 * that of try-and-increment would on c.
 * @module
 */
import { secp256k1_hasher } from "@noble/curves/secp256k1.js";
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { type Element, groups } from "../group.ts";
import { maskAt } from "./bit_matrix.ts";
import type { DiffieHellman } from "./diffie_hellman.ts";
import { baseOts } from "./parameters.ts";
import type { Steps } from "./steps.ts";

const group = groups.secp256k1;
const pointBytes = 33;
const keyBytes = 32;
const choosing = 2 * pointBytes;

/** Bytes of what the receiver answers: φ_0 and φ_1, 128 times, 8,448 bytes. */
export const chooseBytes = baseOts * choosing;
/** Bytes of the receiver's keys, 4,096. */
export const chosenBytes = baseOts * keyBytes;
/** Bytes of the sender's keys, 8,192: key_0 and key_1 of the first, and so on. */
export const offeredBytes = baseOts * 2 * keyBytes;

/** OTs between two pauses: about 10 ms of work. */
const inOneStep = 8;

// Suite secp256k1_XMD:SHA-256_SSWU_RO_ under our own tag (RFC 9380 §3.1, §8.7).
const suite = { DST: "quorate/1/dkls/base-ot/secp256k1_XMD:SHA-256_SSWU_RO_" };

function hashToPoint(setup: Uint8Array, index: number, branch: number, other: Uint8Array): Element {
  const input = hash("quorate/1/dkls/base-ot/point", setup, index, branch, other);
  return secp256k1_hasher.hashToCurve(input, suite) as unknown as Element;
}

function keyOf(setup: Uint8Array, index: number, branch: number, x: Uint8Array): Uint8Array {
  return hash("quorate/1/dkls/base-ot/key", setup, index, branch, x);
}

/** The sender's secret for one batch. Leaving its scope wipes it. */
export interface BaseOtSender extends Disposable {
  /** b, 32 bytes. */
  readonly secret: Uint8Array;
  /** B = b·G, 33 bytes: what goes to the receiver. */
  readonly offer: Uint8Array;
}

/** Draws a sender's secret: fresh for each pair and direction. */
export function offerBaseOts(random: Random): BaseOtSender {
  const b = group.randomScalar(random);
  const secret = group.encodeScalar(b);
  const offer = group.encodeElement(group.multiplyBase(b));
  return { secret, offer, [Symbol.dispose]: () => void secret.fill(0) };
}

/** A uniform element by rejection: how long it takes says nothing of anything but itself. 33 bytes. */
function randomPoint(random: Random): Uint8Array {
  for (;;) {
    const candidate = random(pointBytes);
    candidate[0] = 2 | (candidate[0]! & 1);
    try {
      group.decodeElement(candidate);
      return candidate;
    } catch {
      continue; // half of all x are on no point
    }
  }
}

/** Puts `own` at place c and `other` at place 1 - c, where `mask` is all ones for c = 1. */
function place(out: Uint8Array, mask: number, own: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < pointBytes; i++) {
    const both = own[i]! ^ other[i]!;
    out[i] = own[i]! ^ (both & mask);
    out[pointBytes + i] = other[i]! ^ (both & mask);
  }
}

/**
 * Chooses: the receiver's half.
 *
 * @param options.setup 32 bytes that bind the session, the sender and the receiver.
 * @param options.choices Δ, 4 words.
 * @param options.offer The sender's B, 33 bytes, a valid element.
 * @returns The answer, {@linkcode chooseBytes} long, and the chosen keys, {@linkcode chosenBytes} long.
 */
export function* chooseBaseOts({ setup, choices, offer, random, diffieHellman }: {
  setup: Uint8Array;
  choices: Uint32Array;
  offer: Uint8Array;
  random: Random;
  diffieHellman: DiffieHellman;
}): Steps<{ answer: Uint8Array; keys: Uint8Array }> {
  const answer = new Uint8Array(chooseBytes);
  const keys = new Uint8Array(chosenBytes);
  let all = false;
  try {
    for (let i = 0; i < baseOts; i++) {
      const mask = maskAt(choices, i);
      const branch = mask & 1;
      const k = group.randomScalar(random);
      const other = randomPoint(random);
      const own = group.multiplyBase(k).add(hashToPoint(setup, i, branch, other).negate());
      place(answer.subarray(i * choosing), mask, group.encodeElement(own), other);
      const secret = group.encodeScalar(k);
      const x = diffieHellman(secret)(offer);
      const key = keyOf(setup, i, branch, x);
      keys.set(key, i * keyBytes);
      for (const wiped of [secret, x, key]) wiped.fill(0);
      if (i % inOneStep === inOneStep - 1) yield (i + 1) / baseOts;
    }
    all = true;
    return { answer, keys };
  } finally {
    if (!all) keys.fill(0);
  }
}

/**
 * Computes both keys of each: the sender's half.
 *
 * @param answer {@linkcode chooseBytes} long, see {@linkcode readsAsAnswer}.
 * @returns The keys, {@linkcode offeredBytes} long; or null if the answer makes some M the identity, which takes a
 * receiver that aims at it.
 */
export function* receiveChoices(
  { setup, sender, answer, diffieHellman }: {
    setup: Uint8Array;
    sender: BaseOtSender;
    answer: Uint8Array;
    diffieHellman: DiffieHellman;
  },
): Steps<Uint8Array | null> {
  const keys = new Uint8Array(offeredBytes);
  const agree = diffieHellman(sender.secret);
  let all = false;
  try {
    for (let i = 0; i < baseOts; i++) {
      const [first, second] = [0, 1].map((j) =>
        answer.subarray((2 * i + j) * pointBytes, (2 * i + j + 1) * pointBytes)
      );
      for (const [branch, mine, others] of [[0, first!, second!], [1, second!, first!]] as const) {
        const m = group.decodeElement(mine).add(hashToPoint(setup, i, branch, others));
        if (m.is0()) return null;
        const x = agree(group.encodeElement(m));
        const key = keyOf(setup, i, branch, x);
        keys.set(key, (2 * i + branch) * keyBytes);
        for (const wiped of [x, key]) wiped.fill(0);
      }
      if (i % inOneStep === inOneStep - 1) yield (i + 1) / baseOts;
    }
    all = true;
    return keys;
  } finally {
    if (!all) keys.fill(0);
  }
}

/** Whether `answer` is 256 elements: what a codec asks before the protocol computes with it. Takes about 10 ms. */
export function readsAsAnswer(answer: Uint8Array): boolean {
  if (answer.length !== chooseBytes) return false;
  try {
    for (let o = 0; o < chooseBytes; o += pointBytes) group.decodeElement(answer.subarray(o, o + pointBytes));
    return true;
  } catch {
    return false;
  }
}
