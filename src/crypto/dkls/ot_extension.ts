/**
 * 128 base OTs stretched to 512 correlated ones (KOS15, with the check of SoftSpokenOT, eprint 2022/192 figure 7, for
 * k = 1). The receiver chooses bits x; it ends with rows t_j, the sender with rows q_j = t_j ⊕ x_j · Δ, j = 1..512.
 *
 * The roles are turned round against the base OTs: who sends here chose Δ there.
 *
 * A failed check means a receiver that did not use one x for all columns, and that by which checks fail would learn Δ,
 * bit by bit: the caller must never meet that peer with this Δ again.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { bytesOf, maskAt, transpose, wordsOf } from "./bit_matrix.ts";
import { foldRow, multiplesOf } from "./gf128.ts";
import { expand } from "./oracle.ts";
import { baseOts, checkBits, choiceBits, choiceBlocks, rowWords } from "./parameters.ts";
import { forgetLast, shortOracle } from "./short_oracle.ts";

const blockWords = checkBits / 32;

/** Bytes of the parts of an {@linkcode Extension}: 10,240, 16 and 2,048. */
export const extensionBytes = {
  columns: baseOts * rowWords * 4,
  choiceCheck: checkBits / 8,
  columnChecks: baseOts * checkBits / 8,
} as const;

/** What the receiver sends. Any bytes of these lengths can be computed with. */
export interface Extension {
  /** u_i = PRG(key_0,i) ⊕ PRG(key_1,i) ⊕ x, 128 times 80 bytes. */
  readonly columns: Uint8Array;
  /** x~ = x_tail + Σ χ_k x_k, 16 bytes. */
  readonly choiceCheck: Uint8Array;
  /** t~_i = t_i,tail + Σ χ_k t_i,k, 128 times 16 bytes. */
  readonly columnChecks: Uint8Array;
}

/** The receiver's end. Leaving its scope wipes it. */
export interface Received extends Disposable {
  readonly message: Extension;
  /** x and the block that hides it, 20 words. */
  readonly choices: Uint32Array;
  /** t_j, 4 words each. */
  readonly rows: Uint32Array;
}

/**
 * The first 4 words of a hash of the session. The receiver's fresh nonce is in it, so that nobody can aim at a key and
 * an id that meet again; by chance, among 2^32 sessions of one pair, they do with 2^-64.
 */
function idWords(session: Uint8Array): Uint32Array {
  return wordsOf(hash("quorate/1/dkls/ot-extension/columns", session).subarray(0, 16));
}

/** χ_1 … χ_4, out of all that the receiver has committed itself to (Fiat-Shamir). */
function challengeOf(session: Uint8Array, columns: Uint8Array): Uint32Array {
  const bytes = expand(
    choiceBlocks * checkBits / 8,
    "quorate/1/dkls/ot-extension/challenge",
    session,
    columns,
  );
  return multiplesOf(wordsOf(bytes));
}

/**
 * Extends as receiver, with choices that are drawn here.
 *
 * @param options.keys Both keys of each base OT, 8,192 bytes.
 * @param options.session 32 bytes: the session, both parties and a fresh nonce of the receiver.
 */
export function extendAsReceiver(
  { keys, session, random }: { keys: Uint8Array; session: Uint8Array; random: Random },
): Received {
  const id = idWords(session);
  const keyWords = wordsOf(keys);
  const drawn = random(rowWords * 4);
  const choices = wordsOf(drawn);
  const columns = new Uint32Array(baseOts * rowWords);
  const first = new Uint32Array(baseOts * rowWords);
  const second = new Uint32Array(rowWords);
  for (let i = 0; i < baseOts; i++) {
    const o = i * rowWords;
    shortOracle(keyWords, 16 * i, 2 * i, id[0]!, id[1]!, id[2]!, id[3]!, first, o, rowWords);
    shortOracle(keyWords, 16 * i + 8, 2 * i + 1, id[0]!, id[1]!, id[2]!, id[3]!, second, 0, rowWords);
    for (let w = 0; w < rowWords; w++) columns[o + w] = first[o + w]! ^ second[w]! ^ choices[w]!;
  }
  const tables = challengeOf(session, bytesOf(columns));
  const choiceCheck = new Uint32Array(blockWords);
  const columnChecks = new Uint32Array(baseOts * blockWords);
  foldRow(choices, 0, tables, choiceCheck, 0);
  for (let i = 0; i < baseOts; i++) foldRow(first, i * rowWords, tables, columnChecks, i * blockWords);
  const rows = transpose(first, rowWords, choiceBits);
  for (const secret of [drawn, keyWords, first, second]) secret.fill(0);
  forgetLast();
  return {
    message: {
      columns: bytesOf(columns),
      choiceCheck: bytesOf(choiceCheck),
      columnChecks: bytesOf(columnChecks),
    },
    choices,
    rows,
    [Symbol.dispose]() {
      choices.fill(0);
      rows.fill(0);
    },
  };
}

/**
 * Extends as sender.
 *
 * @param options.keys The chosen key of each base OT, 4,096 bytes.
 * @param options.delta Δ, 4 words.
 * @returns q_j, 4 words each, which the caller wipes; or null if the check fails.
 */
export function extendAsSender(
  { keys, delta, session, message }: {
    keys: Uint8Array;
    delta: Uint32Array;
    session: Uint8Array;
    message: Extension;
  },
): Uint32Array | null {
  const id = idWords(session);
  const keyWords = wordsOf(keys);
  const columns = wordsOf(message.columns);
  const choiceCheck = wordsOf(message.choiceCheck);
  const columnChecks = wordsOf(message.columnChecks);
  const tables = challengeOf(session, message.columns);
  const found = new Uint32Array(baseOts * rowWords);
  const folded = new Uint32Array(blockWords);
  let difference = 0;
  for (let i = 0; i < baseOts; i++) {
    const o = i * rowWords;
    const mask = maskAt(delta, i);
    shortOracle(keyWords, 8 * i, 2 * i + (mask & 1), id[0]!, id[1]!, id[2]!, id[3]!, found, o, rowWords);
    for (let w = 0; w < rowWords; w++) found[o + w]! ^= columns[o + w]! & mask;
    foldRow(found, o, tables, folded, 0);
    for (let w = 0; w < blockWords; w++) {
      difference |= folded[w]! ^ columnChecks[i * blockWords + w]! ^ (choiceCheck[w]! & mask);
    }
  }
  const rows = transpose(found, rowWords, choiceBits);
  for (const secret of [keyWords, found, folded]) secret.fill(0);
  forgetLast();
  if (difference === 0) return rows;
  rows.fill(0);
  return null;
}
