/**
 * Random vector oblivious linear evaluation (DKLs23 Protocol 5.2): Bob gets a random b, Alice puts in a_1 and a_2, and
 * they end with c_i + d_i = a_i · b, Alice with the c, Bob with the d.
 *
 * Departures from the paper: two nonces. Bob's is in the session of the OT extension, Alice's in that of her pads
 * (through the transcript of both first messages). Were a session id ever to repeat, by a store rolled back, Bob's
 * first message would give away β ⊕ β' and Alice's a - a'; with a fresh nonce of one's own neither can.
 *
 * The words of the paper: g gadget vector, β choices, α pads, a~ corrections, a^ check inputs, θ challenge, η and μ
 * proof. A failed check depends on β (or, in the extension, on Δ): the caller bans, see `ot_extension.ts`.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { groups } from "../group.ts";
import { maskAt, wordsOf } from "./bit_matrix.ts";
import { expand } from "./oracle.ts";
import { extendAsReceiver, extendAsSender, type Extension } from "./ot_extension.ts";
import { checkInputs, choiceBits, inputs, width } from "./parameters.ts";
import {
  copyMasked,
  order,
  scalarAt,
  scalarBytes,
  type Scalars,
  scalars,
  scalarsOf,
  setScalar,
} from "./scalars.ts";
import { forgetLast, shortOracle } from "./short_oracle.ts";

const { randomScalar } = groups.secp256k1;
const wordsOfRow = width * 8;

/** Bytes of the parts of a {@linkcode Correction}: 65,536, 64 and 32. */
export const correctionBytes = {
  corrections: choiceBits * width * scalarBytes,
  responses: checkInputs * scalarBytes,
  digest: 32,
} as const;

/** What Alice sends. The codec has seen to it that all scalars are below the order. */
export interface Correction {
  /** a~_j,l = α_0,j,l - α_1,j,l + (a ‖ a^)_l, for j = 1..512 and l = 1..4. */
  readonly corrections: Uint8Array;
  /** η_k = a^_k + Σ θ_i,k a_i, k = 1, 2. */
  readonly responses: Uint8Array;
  /** μ, 32 bytes. */
  readonly digest: Uint8Array;
}

/** Two scalars: one for the nonce, one for the key. */
export type Pair = readonly [bigint, bigint];

/** Bob, between his two moves. Leaving its scope wipes what it holds. */
export interface Bob extends Disposable {
  readonly message: Extension;
  /** b, a random scalar. */
  readonly multiplicand: bigint;
  /**
   * His second move.
   *
   * @param session 32 bytes: that of the first move, and the transcript with Alice's nonce in it.
   * @returns d_1 and d_2; or null if the check fails.
   */
  finish(session: Uint8Array, correction: Correction): Pair | null;
}

/** g: public, uniform, one for each set-up of a pair. */
function gadgetOf(setup: Uint8Array): Scalars {
  return scalarsOf(expand(choiceBits * scalarBytes, "quorate/1/dkls/rvole/gadget", setup));
}

/** θ_i,k at 2 i + k. */
function challengeOf(session: Uint8Array, corrections: Uint8Array): bigint[] {
  const count = inputs * checkInputs;
  const bytes = expand(count * scalarBytes, "quorate/1/dkls/rvole/challenge", session, corrections);
  const { view } = scalarsOf(bytes);
  return Array.from({ length: count }, (_, i) => scalarAt(view, i) % order);
}

/** Fills `out` with the 4 pads of each row, ⊕ Δ where it is given. They are not reduced. */
function pads(
  session: Uint8Array,
  rows: Uint32Array,
  out: Scalars,
  delta: Uint32Array = new Uint32Array(4),
): void {
  const prefix = wordsOf(hash("quorate/1/dkls/rvole/pads", session));
  const [d0, d1, d2, d3] = delta as unknown as [number, number, number, number];
  for (let j = 0; j < choiceBits; j++) {
    const o = 4 * j;
    const r0 = rows[o]! ^ d0, r1 = rows[o + 1]! ^ d1, r2 = rows[o + 2]! ^ d2, r3 = rows[o + 3]! ^ d3;
    shortOracle(prefix, 0, j, r0, r1, r2, r3, out.words, j * wordsOfRow, wordsOfRow);
  }
  forgetLast();
}

/**
 * What both compute for μ: for each row j and check k, own_{j,l+k} + Σ θ_i,k own_j,i (and, for Bob, the k-th term of
 * row j), reduced.
 */
function digestOf(
  session: Uint8Array,
  theta: readonly bigint[],
  own: (index: number) => bigint,
  term: (j: number, k: number) => bigint,
): Uint8Array {
  const sums = scalars(choiceBits * checkInputs);
  for (let j = 0; j < choiceBits; j++) {
    const first = own(j * width), second = own(j * width + 1);
    for (let k = 0; k < checkInputs; k++) {
      const sum = own(j * width + inputs + k) + term(j, k) + theta[k]! * first +
        theta[checkInputs + k]! * second;
      setScalar(sums.view, j * checkInputs + k, sum % order);
    }
  }
  const digest = hash("quorate/1/dkls/rvole/digest", session, sums.bytes);
  sums.bytes.fill(0);
  return digest;
}

/** Σ g_j · own_j,i, reduced once. */
function innerProduct(gadget: Scalars, i: number, own: (index: number) => bigint): bigint {
  let sum = 0n;
  for (let j = 0; j < choiceBits; j++) sum += scalarAt(gadget.view, j) * own(j * width + i);
  return sum % order;
}

/**
 * Bob's first move.
 *
 * @param options.setup 32 bytes, of the base OTs that `keys` (8,192 bytes) come from.
 * @param options.session 32 bytes: the session, Alice, Bob and a fresh nonce of Bob's.
 */
export function rvoleBob({ setup, keys, session, random }: {
  setup: Uint8Array;
  keys: Uint8Array;
  session: Uint8Array;
  random: Random;
}): Bob {
  const extended = extendAsReceiver({ keys, session, random });
  const { choices, rows } = extended;
  const gadget = gadgetOf(setup);
  const chosen = scalars(choiceBits);
  for (let j = 0; j < choiceBits; j++) copyMasked(gadget.words, j, maskAt(choices, j), chosen.words, j);
  let multiplicand = 0n;
  for (let j = 0; j < choiceBits; j++) multiplicand += scalarAt(chosen.view, j);
  multiplicand %= order;
  chosen.bytes.fill(0);
  return {
    message: extended.message,
    multiplicand,
    finish(session, { corrections, responses, digest }) {
      const theta = challengeOf(session, corrections);
      const gamma = scalars(choiceBits * width);
      pads(session, rows, gamma);
      // β_j a~_j,l and -β_j η_k.
      const masked = scalarsOf(corrections);
      const eta = scalarsOf(responses);
      const minusEta = scalars(checkInputs);
      for (let k = 0; k < checkInputs; k++) setScalar(minusEta.view, k, order - scalarAt(eta.view, k));
      const maskedEta = scalars(choiceBits * checkInputs);
      for (let j = 0; j < choiceBits; j++) {
        const mask = maskAt(choices, j);
        for (let l = 0; l < width; l++) {
          copyMasked(masked.words, j * width + l, mask, masked.words, j * width + l);
        }
        for (let k = 0; k < checkInputs; k++) {
          copyMasked(minusEta.words, k, mask, maskedEta.words, j * checkInputs + k);
        }
      }
      const own = (i: number) => scalarAt(gamma.view, i) + scalarAt(masked.view, i);
      const mine = digestOf(session, theta, own, (j, k) => scalarAt(maskedEta.view, j * checkInputs + k));
      let difference = 0;
      for (let i = 0; i < 32; i++) difference |= mine[i]! ^ digest[i]!;
      const result: Pair = [innerProduct(gadget, 0, own), innerProduct(gadget, 1, own)];
      for (const { bytes } of [gamma, masked, maskedEta]) bytes.fill(0);
      return difference === 0 ? result : null;
    },
    [Symbol.dispose]: () => extended[Symbol.dispose](),
  };
}

/**
 * Alice's one move.
 *
 * @param options.setup 32 bytes, of the base OTs that `keys` (4,096 bytes) and `delta` (4 words) come from.
 * @param options.sessions Bob's, of his first move, and hers, of the rest: 32 bytes each.
 * @param options.factors a_1 and a_2, below the order.
 * @returns What goes to Bob, and c_1 and c_2; or null if the check of Bob's message fails.
 */
export function rvoleAlice({ setup, keys, delta, sessions, message, factors, random }: {
  setup: Uint8Array;
  keys: Uint8Array;
  delta: Uint32Array;
  sessions: { bob: Uint8Array; alice: Uint8Array };
  message: Extension;
  factors: Pair;
  random: Random;
}): { message: Correction; shares: Pair } | null {
  const rows = extendAsSender({ keys, delta, session: sessions.bob, message });
  if (rows === null) return null;
  const session = sessions.alice;
  const alpha0 = scalars(choiceBits * width);
  const alpha1 = scalars(choiceBits * width);
  pads(session, rows, alpha0);
  pads(session, rows, alpha1, delta);
  const hidden = Array.from({ length: checkInputs }, () => randomScalar(random));
  // Twice the order is over 2^256: no difference of pads is negative then.
  const shifted = [...factors, ...hidden].map((a) => a + 2n * order);
  const corrections = scalars(choiceBits * width);
  for (let i = 0; i < choiceBits * width; i++) {
    const corrected = scalarAt(alpha0.view, i) + shifted[i % width]! - scalarAt(alpha1.view, i);
    setScalar(corrections.view, i, corrected % order);
  }
  const theta = challengeOf(session, corrections.bytes);
  const responses = scalars(checkInputs);
  for (let k = 0; k < checkInputs; k++) {
    const eta = hidden[k]! + theta[k]! * factors[0] + theta[checkInputs + k]! * factors[1];
    setScalar(responses.view, k, eta % order);
  }
  const own = (i: number) => scalarAt(alpha0.view, i);
  const digest = digestOf(session, theta, own, () => 0n);
  const gadget = gadgetOf(setup);
  const shares: Pair = [order - innerProduct(gadget, 0, own), order - innerProduct(gadget, 1, own)];
  rows.fill(0);
  for (const { bytes } of [alpha0, alpha1]) bytes.fill(0);
  return { message: { corrections: corrections.bytes, responses: responses.bytes, digest }, shares };
}
