/**
 * How hard a new passphrase is to guess. Measured by zxcvbn with lists of passwords and of words that people choose
 * from: 240 kB compressed, so this is loaded when a passphrase is chosen, and not before.
 * @module
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { minPassphrase } from "../limits.ts";
import { normalPassphrase } from "./passphrase.ts";

/**
 * Fewer guesses than ten to this are too few. Each costs whoever has the locked file a scrypt of about a second, so
 * that these are some three hundred years of one core.
 */
const enough = 10;

/** Longer ones are measured by their beginning, characters. */
const longest = 256;

/** What nobody should take for a secret here. */
const known = ["quorate", "threshold", "passphrase", "treasury", "wallet"];

const advice =
  "Take four or more words that have nothing to do with each other, or let a password manager make one.";

let measure: ZxcvbnFactory | undefined;

/**
 * Why a new passphrase is not taken, and what to do, in sentences for a person; or null if it is good.
 *
 * @param about Words that belong to whoever chooses it: its name, say. They are no secret.
 */
export function weakness(typed: string, about: readonly string[] = []): string | null {
  const passphrase = normalPassphrase(typed);
  if (passphrase.length < minPassphrase) {
    return `The passphrase needs at least ${minPassphrase} characters. ${advice}`;
  }
  measure ??= new ZxcvbnFactory({
    dictionary: { ...dictionary, known },
    graphs: adjacencyGraphs,
    maxLength: longest,
  });
  const { guessesLog10, sequence } = measure.check(passphrase, [...about]);
  if (guessesLog10 >= enough) return null;
  // The longest part of it says the most.
  const part = sequence.reduce<typeof sequence[number] | null>(
    (best, one) => best === null || one.token.length > best.token.length ? one : best,
    null,
  );
  return `That passphrase is too easy to guess: ${reasons.get(part?.pattern ?? "") ?? tooShort}. ${advice}`;
}

const tooShort = "it is too short";
const reasons: ReadonlyMap<string, string> = new Map([
  ["dictionary", "it is made of words or passwords that many people use"],
  ["spatial", "it follows the keys of a keyboard"],
  ["repeat", "it repeats itself"],
  ["sequence", "it is a sequence, such as abc or 123"],
  ["regex", "it has a year in it, and little else"],
  ["date", "it is a date"],
]);
