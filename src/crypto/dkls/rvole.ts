/**
 * Random vector oblivious linear evaluation (DKLs23 Protocol 5.2), for the items of a batch: for each item Bob
 * gets a random b of its own, Alice inputs a_1 and a_2, and they end with c_i + d_i = a_i · b, Alice with the
 * c_i, Bob with the d_i. All items share one OT extension and its check.
 *
 * A departure from the paper: two nonces. Bob's is in the session of the OT extension, Alice's in that of her
 * pads (through the transcript of both first messages). If a session id ever repeated, because a store went
 * back, Bob's first message would reveal β ⊕ β', and Alice's a - a'. A fresh nonce of one's own prevents
 * both.
 *
 * The pads of a row are bound to its number in the whole extension, θ and μ to the number of their item: what
 * answers one item answers no other.
 *
 * Symbols of the paper: g gadget vector, β choices, α pads, a~ corrections, a^ check inputs, θ challenge, η
 * and μ proof. Whether a check fails depends on β (or, in the extension, on Δ), so the caller must ban: see
 * `ot_extension.ts`.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { groups } from "../group.ts";
import { maskAt, wordsOf } from "./bit_matrix.ts";
import { expand } from "./oracle.ts";
import { extendAsReceiver, extendAsSender, type Extension } from "./ot_extension.ts";
import { checkInputs, choiceBits, inputs, width } from "../dkls_parameters.ts";
import { order, scalarAt, scalarBytes } from "../dkls_shapes.ts";
import { copyMasked, type Scalars, scalars, scalarsOf, setScalar } from "./scalars.ts";
import { forgetLast, shortOracle } from "./short_oracle.ts";

const { randomScalar } = groups.secp256k1;
const wordsOfRow = width * 8;

/** Alice's message, for one item. The codec ensures that all scalars are below the order. */
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

/** Bob's state between his two steps. Leaving its scope wipes it. */
export interface Bob extends Disposable {
  readonly message: Extension;
  /** b of each item, a random scalar. */
  readonly multiplicands: readonly bigint[];
  /**
   * Bob's second step, for one item.
   *
   * @param session 32 bytes that bind the session of the first step and the transcript, with Alice's nonce in
   * it.
   * @returns d_1 and d_2, which mean nothing unless {@linkcode Bob.passes} says so in the end.
   */
  unmask(item: number, session: Uint8Array, correction: Correction): Pair;
  /**
   * True if every item was unmasked, and its check passed. One bit for the batch: which item fails is nobody's
   * to know.
   */
  passes(): boolean;
}

/** Alice's state between the check of the extension and her last multiplication. Leaving its scope wipes it. */
export interface Alice extends Disposable {
  /**
   * Multiplies for one item.
   *
   * @param factors a_1 and a_2, below the order.
   * @returns The message to Bob, and c_1 and c_2.
   * @throws {Error} If it was called for this item before: two messages under the same pads show a - a'.
   */
  multiply(item: number, factors: Pair, random: Random): { message: Correction; shares: Pair };
}

/** g: public, uniform, one for each set-up of a pair. */
interface Gadget {
  readonly words: Uint32Array;
  readonly numbers: readonly bigint[];
}

function gadgetOf(setup: Uint8Array): Gadget {
  const { view, words } = scalarsOf(expand(choiceBits * scalarBytes, "quorate/1/dkls/rvole/gadget", setup));
  return { words, numbers: Array.from({ length: choiceBits }, (_, j) => scalarAt(view, j)) };
}

/** θ_i,k at 2 i + k. */
function challengeOf(session: Uint8Array, item: number, corrections: Uint8Array): bigint[] {
  const count = inputs * checkInputs;
  const bytes = expand(count * scalarBytes, "quorate/2/dkls/rvole/challenge", session, item, corrections);
  const { view } = scalarsOf(bytes);
  return Array.from({ length: count }, (_, i) => scalarAt(view, i) % order);
}

/** The prefix of a session's pads, 8 words. */
function padsPrefix(session: Uint8Array): Uint32Array {
  return wordsOf(hash("quorate/1/dkls/rvole/pads", session));
}

/** The 4 pads of each row of an item (⊕ Δ, if given). They are not reduced. */
function padsOf(
  prefix: Uint32Array,
  item: number,
  rows: Uint32Array,
  delta: Uint32Array = new Uint32Array(4),
): Scalars {
  const out = scalars(choiceBits * width);
  const [d0, d1, d2, d3] = delta as unknown as [number, number, number, number];
  for (let j = 0; j < choiceBits; j++) {
    const row = item * choiceBits + j;
    const o = 4 * row;
    const r0 = rows[o]! ^ d0, r1 = rows[o + 1]! ^ d1, r2 = rows[o + 2]! ^ d2, r3 = rows[o + 3]! ^ d3;
    shortOracle(prefix, 0, row, r0, r1, r2, r3, out.words, j * wordsOfRow, wordsOfRow);
  }
  forgetLast();
  return out;
}

/**
 * The digest μ, which both compute: the hash over own_{j,l+k} + Σ θ_i,k own_j,i (and, for Bob, the k-th term
 * of row j), reduced, for each row j and check k. And Σ g_j · own_j,i for each input i, reduced once.
 */
function proofOf(
  { session, item, theta, gadget, own, term }: {
    session: Uint8Array;
    item: number;
    theta: readonly bigint[];
    gadget: Gadget;
    own: (index: number) => bigint;
    term: (j: number, k: number) => bigint;
  },
): { digest: Uint8Array; products: Pair } {
  const sums = scalars(choiceBits * checkInputs);
  let one = 0n, other = 0n;
  for (let j = 0; j < choiceBits; j++) {
    const first = own(j * width), second = own(j * width + 1);
    const g = gadget.numbers[j]!;
    one += g * first;
    other += g * second;
    for (let k = 0; k < checkInputs; k++) {
      const sum = own(j * width + inputs + k) + term(j, k) + theta[k]! * first +
        theta[checkInputs + k]! * second;
      setScalar(sums.view, j * checkInputs + k, sum % order);
    }
  }
  const digest = hash("quorate/2/dkls/rvole/digest", session, item, sums.bytes);
  sums.bytes.fill(0);
  return { digest, products: [one % order, other % order] };
}

/** b = Σ β_j g_j of one item. */
function multiplicandOf(gadget: Gadget, choices: Uint32Array, item: number): bigint {
  const chosen = scalars(choiceBits);
  for (let j = 0; j < choiceBits; j++) {
    copyMasked(gadget.words, j, maskAt(choices, item * choiceBits + j), chosen.words, j);
  }
  let sum = 0n;
  for (let j = 0; j < choiceBits; j++) sum += scalarAt(chosen.view, j);
  chosen.bytes.fill(0);
  return sum % order;
}

/** β_j a~_j,l and -β_j η_k of one item. The caller wipes them. */
function chosenTerms(
  choices: Uint32Array,
  item: number,
  { corrections, responses }: Correction,
): { masked: Scalars; maskedEta: Scalars } {
  const masked = scalarsOf(corrections);
  const eta = scalarsOf(responses);
  const minusEta = scalars(checkInputs);
  for (let k = 0; k < checkInputs; k++) setScalar(minusEta.view, k, order - scalarAt(eta.view, k));
  const maskedEta = scalars(choiceBits * checkInputs);
  for (let j = 0; j < choiceBits; j++) {
    const mask = maskAt(choices, item * choiceBits + j);
    for (let l = 0; l < width; l++) {
      copyMasked(masked.words, j * width + l, mask, masked.words, j * width + l);
    }
    for (let k = 0; k < checkInputs; k++) {
      copyMasked(minusEta.words, k, mask, maskedEta.words, j * checkInputs + k);
    }
  }
  return { masked, maskedEta };
}

/**
 * Bob's first step.
 *
 * @param options.setup 32 bytes, of the base OTs that `keys` (8,192 bytes) come from.
 * @param options.items How many multiplications, 1 to 256.
 * @param options.session 32 bytes: the session, Alice, Bob and a fresh nonce of Bob's.
 */
export function rvoleBob({ setup, keys, items, session, random }: {
  setup: Uint8Array;
  keys: Uint8Array;
  items: number;
  session: Uint8Array;
  random: Random;
}): Bob {
  const extended = extendAsReceiver({ keys, items, session, random });
  const { choices, rows } = extended;
  const gadget = gadgetOf(setup);
  const multiplicands = Array.from({ length: items }, (_, item) => multiplicandOf(gadget, choices, item));
  const unmasked = new Set<number>();
  let difference = 0;
  return {
    message: extended.message,
    multiplicands,
    unmask(item, session, correction) {
      const theta = challengeOf(session, item, correction.corrections);
      const gamma = padsOf(padsPrefix(session), item, rows);
      const { masked, maskedEta } = chosenTerms(choices, item, correction);
      const own = (i: number) => scalarAt(gamma.view, i) + scalarAt(masked.view, i);
      const term = (j: number, k: number) => scalarAt(maskedEta.view, j * checkInputs + k);
      const { digest, products } = proofOf({ session, item, theta, gadget, own, term });
      for (let i = 0; i < 32; i++) difference |= digest[i]! ^ correction.digest[i]!;
      unmasked.add(item);
      for (const { bytes } of [gamma, masked, maskedEta]) bytes.fill(0);
      return products;
    },
    passes: () => difference === 0 && unmasked.size === items,
    [Symbol.dispose]() {
      extended[Symbol.dispose]();
      multiplicands.length = 0;
    },
  };
}

/**
 * Alice's only step, in parts: the check of the extension, and then a multiplication for each item.
 *
 * @param options.setup 32 bytes, of the base OTs that `keys` (4,096 bytes) and `delta` (4 words) come from.
 * @param options.items How many multiplications, 1 to 256.
 * @param options.sessions Bob's of his first step, and Alice's of the rest: 32 bytes each.
 * @returns Null if the check of Bob's message fails.
 */
export function rvoleAlice({ setup, keys, delta, items, sessions, message }: {
  setup: Uint8Array;
  keys: Uint8Array;
  delta: Uint32Array;
  items: number;
  sessions: { bob: Uint8Array; alice: Uint8Array };
  message: Extension;
}): Alice | null {
  const rows = extendAsSender({ keys, delta, items, session: sessions.bob, message });
  if (rows === null) return null;
  const session = sessions.alice;
  const prefix = padsPrefix(session);
  const gadget = gadgetOf(setup);
  const multiplied = new Set<number>();
  return {
    multiply(item, factors, random) {
      if (multiplied.has(item)) throw new Error(`Cannot multiply: item ${item} was multiplied before`);
      multiplied.add(item);
      const alpha0 = padsOf(prefix, item, rows);
      const alpha1 = padsOf(prefix, item, rows, delta);
      const hidden = Array.from({ length: checkInputs }, () => randomScalar(random));
      // Twice the order is over 2^256, which keeps every difference of pads positive.
      const shifted = [...factors, ...hidden].map((a) => a + 2n * order);
      const corrections = scalars(choiceBits * width);
      const pads = Array.from({ length: choiceBits * width }, (_, i) => scalarAt(alpha0.view, i));
      for (const [i, pad] of pads.entries()) {
        setScalar(corrections.view, i, (pad + shifted[i % width]! - scalarAt(alpha1.view, i)) % order);
      }
      const theta = challengeOf(session, item, corrections.bytes);
      const responses = scalars(checkInputs);
      for (let k = 0; k < checkInputs; k++) {
        const eta = hidden[k]! + theta[k]! * factors[0] + theta[checkInputs + k]! * factors[1];
        setScalar(responses.view, k, eta % order);
      }
      const { digest, products } = proofOf({
        session,
        item,
        theta,
        gadget,
        own: (i) => pads[i]!,
        term: () => 0n,
      });
      for (const { bytes } of [alpha0, alpha1]) bytes.fill(0);
      return {
        message: { corrections: corrections.bytes, responses: responses.bytes, digest },
        shares: [order - products[0], order - products[1]],
      };
    },
    [Symbol.dispose]: () => void rows.fill(0),
  };
}
