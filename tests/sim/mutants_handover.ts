/**
 * Bugs in how a hand-over ends: in who is named for it, and in what stays of the bans, quarantines and freezes of an
 * epoch.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const caught = (file: string) => (test: string) => ({ file: `tests/${file}_test.ts`, test });
const bound = caught("negative/reshare_commit");

export const handoverMutants: readonly Mutant[] = [
  {
    name: "two different words of one peer are not compared",
    patches: [patch(
      "session/words/signed_words.ts",
      "if (earlier && !equal(earlier.body, envelope.body)) {",
      "if (earlier && earlier.body.length !== envelope.body.length) {",
    )],
    caughtBy: bound("reshare() names who releases the epoch twice"),
  },
];
