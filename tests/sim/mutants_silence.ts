/**
 * Bugs by which a ban shows before it is on disk, beside the session that has found it.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const patch = (file: string, find: string, replace: string) => ({
  file: `src/cluster/${file}`,
  find,
  replace,
});
const bans = (find: string, replace: string) => [patch("keys/bans.ts", find, replace)];
const unit = { file: "tests/cluster/keys/bans_test.ts", test: "Bans keeps a ban in force at once" };
const sign = {
  file: "tests/negative/ecdsa_silence_test.ts",
  test: "sign() with a cheater shows it nothing of its ban until the ban is on disk",
};

export const silenceMutants: readonly Mutant[] = [
  {
    name: "a ban is signed for others before it is on disk",
    patches: bans("for (const [name, row] of this.#shown()) {", "for (const [name, row] of this.#own) {"),
    caughtBy: unit,
  },
  {
    name: "a node shows its bans before they are on disk",
    patches: bans("filter(([name]) => !this.#writing.has(name))", "filter(() => true)"),
    caughtBy: unit,
  },
  {
    name: "a ban that could not be written never shows",
    patches: bans(".finally(() => this.#writing.delete(name))", ".finally(() => {})"),
    caughtBy: unit,
  },
  {
    name: "an invite is declined for a ban that is not on disk",
    patches: bans(
      "return this.#shown().filter(([, row])",
      "return [...this.#own].filter(([, row])",
    ),
    caughtBy: sign,
  },
  {
    name: "a session that opens ends for a ban that is not on disk",
    patches: [patch(
      "commands/session/session_plan.ts",
      "    await bans.written(keyId, peer); // an end before that would show the ban\n",
      "",
    )],
    caughtBy: sign,
  },
  {
    name: "a coordinator refuses a party for a ban that is not on disk",
    patches: [patch("commands/party.ts", "banned.includes(peer))", "bans.has(key, peer))")],
    caughtBy: sign,
  },
];
