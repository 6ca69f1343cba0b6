/**
 * OT extension: 128 base OTs extended to 512 correlated ones for each item of a batch (KOS15, with the check of
 * SoftSpokenOT, eprint 2022/192 figure 7, for k = 1). The receiver chooses bits x; it ends with rows t_j, the
 * sender with rows q_j = t_j ⊕ x_j · Δ, j = 1..512 n for n items. The columns, their one random block and the one
 * check are of the whole batch: nothing here belongs to one item but the rows.
 *
 * The roles are swapped against the base OTs: the sender here is the receiver there, which chose Δ.
 *
 * A failed check means that the receiver did not use the same x in all columns. From which checks fail it
 * would learn Δ, bit by bit, so the caller must never use this Δ with that peer again.
 * @module
 */
import type { Random } from "../../ports.ts";
import { hash } from "../codec.ts";
import { bytesOf, maskAt, transpose, wordsOf } from "./bit_matrix.ts";
import { foldBlocks, multiplesOf } from "./gf128.ts";
import { expand } from "./oracle.ts";
import { baseOts, checkBits, choiceBits, choiceBlocks, columnWords } from "../dkls_parameters.ts";
import { forgetLast, shortOracle } from "./short_oracle.ts";

const blockWords = checkBits / 32;
const itemWords = choiceBits / 32;

/** The receiver's message, for n items. Any bytes of these lengths are valid input. */
export interface Extension {
  /** u_i = PRG(key_0,i) ⊕ PRG(key_1,i) ⊕ x, 128 times 64 n + 16 bytes. */
  readonly columns: Uint8Array;
  /** x~ = x_tail + Σ χ_k x_k, k = 1..4 n, 16 bytes. */
  readonly choiceCheck: Uint8Array;
  /** t~_i = t_i,tail + Σ χ_k t_i,k, 128 times 16 bytes. */
  readonly columnChecks: Uint8Array;
}

/** The receiver's result. Leaving its scope wipes it. */
export interface Received extends Disposable {
  readonly message: Extension;
  /** x, and the random block that hides it in the check, 16 n + 4 words. */
  readonly choices: Uint32Array;
  /** t_j, 4 words each, 512 for each item. */
  readonly rows: Uint32Array;
}

/**
 * The first 4 words of a hash of the session. It covers the receiver's fresh nonce, so that nobody can make a
 * key meet the same id again; by chance that happens with probability 2^-64 among 2^32 sessions of one pair.
 */
function idWords(session: Uint8Array): Uint32Array {
  return wordsOf(hash("quorate/1/dkls/ot-extension/columns", session).subarray(0, 16));
}

/**
 * The challenge χ_1 … χ_4n: a hash of everything that the receiver has committed itself to (Fiat-Shamir).
 *
 * @returns The tables of each item's four.
 */
function challengeOf(items: number, session: Uint8Array, columns: Uint8Array): Uint32Array[] {
  const bytes = expand(
    items * choiceBlocks * checkBits / 8,
    "quorate/1/dkls/ot-extension/challenge",
    session,
    columns,
  );
  const words = wordsOf(bytes);
  return Array.from(
    { length: items },
    (_, item) => multiplesOf(words.subarray(item * itemWords, (item + 1) * itemWords)),
  );
}

/**
 * tail + Σ χ_k · block_k of `count` rows, 4 words each, where a row is its blocks and then the tail. It goes
 * through the rows once for each item, so that the tables in use are small.
 */
function foldRows(rows: Uint32Array, count: number, tables: readonly Uint32Array[]): Uint32Array {
  const rowWords = columnWords(tables.length);
  const folded = new Uint32Array(count * blockWords);
  for (let i = 0; i < count; i++) {
    const tail = (i + 1) * rowWords - blockWords;
    for (let w = 0; w < blockWords; w++) folded[i * blockWords + w] = rows[tail + w]!;
  }
  for (const [item, table] of tables.entries()) {
    for (let i = 0; i < count; i++) {
      foldBlocks(rows, i * rowWords + item * itemWords, table, folded, i * blockWords);
    }
  }
  return folded;
}

/**
 * Extends as receiver, with random choices.
 *
 * @param options.keys Both keys of each base OT, 8,192 bytes.
 * @param options.items How many multiplications it is for, 1 to 256.
 * @param options.session 32 bytes: the session, both parties and a fresh nonce of the receiver.
 */
export function extendAsReceiver(
  { keys, items, session, random }: {
    keys: Uint8Array;
    items: number;
    session: Uint8Array;
    random: Random;
  },
): Received {
  const rowWords = columnWords(items);
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
  const tables = challengeOf(items, session, bytesOf(columns));
  const choiceCheck = foldRows(choices, 1, tables);
  const columnChecks = foldRows(first, baseOts, tables);
  const rows = transpose(first, rowWords, items * choiceBits);
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
 * @param options.items How many multiplications it is for, 1 to 256.
 * @returns q_j, 4 words each, which the caller wipes; or null if the check fails.
 */
export function extendAsSender(
  { keys, delta, items, session, message }: {
    keys: Uint8Array;
    delta: Uint32Array;
    items: number;
    session: Uint8Array;
    message: Extension;
  },
): Uint32Array | null {
  const rowWords = columnWords(items);
  const id = idWords(session);
  const keyWords = wordsOf(keys);
  const columns = wordsOf(message.columns);
  const choiceCheck = wordsOf(message.choiceCheck);
  const columnChecks = wordsOf(message.columnChecks);
  const found = new Uint32Array(baseOts * rowWords);
  for (let i = 0; i < baseOts; i++) {
    const o = i * rowWords;
    const mask = maskAt(delta, i);
    shortOracle(keyWords, 8 * i, 2 * i + (mask & 1), id[0]!, id[1]!, id[2]!, id[3]!, found, o, rowWords);
    for (let w = 0; w < rowWords; w++) found[o + w]! ^= columns[o + w]! & mask;
  }
  const folded = foldRows(found, baseOts, challengeOf(items, session, message.columns));
  let difference = 0;
  for (let i = 0; i < baseOts; i++) {
    const mask = maskAt(delta, i);
    for (let w = 0; w < blockWords; w++) {
      difference |= folded[i * blockWords + w]! ^ columnChecks[i * blockWords + w]! ^
        (choiceCheck[w]! & mask);
    }
  }
  const rows = transpose(found, rowWords, items * choiceBits);
  for (const secret of [keyWords, found, folded]) secret.fill(0);
  forgetLast();
  if (difference === 0) return rows;
  rows.fill(0);
  return null;
}
