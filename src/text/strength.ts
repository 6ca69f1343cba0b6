/**
 * The strength of a new passphrase, measured by zxcvbn with lists of passwords and words that people choose:
 * 240 kB compressed, so this file is loaded only when a passphrase is chosen.
 * @module
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { minPassphrase } from "../limits.ts";
import { normalPassphrase } from "./passphrase.ts";

/**
 * The required number of guesses, as a power of ten. Each guess costs a thief of the locked file a scrypt of
 * about a second: some three hundred years on one core.
 */
const enoughLog10 = 10;

/** The characters of a passphrase that are measured; the rest is ignored. */
const measuredCharacters = 256;

/** Words of this product, which count as known. */
const known = ["quorate", "threshold", "passphrase", "treasury", "wallet"];

const advice =
  "Take four or more words that have nothing to do with each other, or let a password manager make one.";

let measure: ZxcvbnFactory | undefined;

/**
 * The reason why a new passphrase is refused, and what to do, in sentences for a person; null if it is good.
 *
 * @param about Words about the person who chooses it, such as the peer's name. They count as known.
 */
export function weakness(typed: string, about: readonly string[] = []): string | null {
  const passphrase = normalPassphrase(typed);
  if (passphrase.length < minPassphrase) {
    return `The passphrase needs at least ${minPassphrase} characters. ${advice}`;
  }
  measure ??= new ZxcvbnFactory({
    dictionary: { ...dictionary, known },
    graphs: adjacencyGraphs,
    maxLength: measuredCharacters,
  });
  const { guessesLog10, sequence } = measure.check(passphrase, [...about]);
  if (guessesLog10 >= enoughLog10) return null;
  // The longest part of the passphrase is the one to explain.
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
