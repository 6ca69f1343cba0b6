/**
 * Seeded bugs in rights, names, addresses, rosters, and in what is read from files and mails.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const rights = (test: string) => ({ file: "tests/negative/rights_test.ts", test });

export const textMutants: readonly Mutant[] = [
  {
    name: "an initiator makes keys",
    patches: [
      patch(
        "cluster/command.ts",
        `generate: "manager", sign: "initiator"`,
        `generate: "initiator", sign: "initiator"`,
      ),
    ],
    caughtBy: rights("Rights are apart"),
  },
  {
    name: "an invitation gives all rights",
    patches: [
      patch("cluster/invites.ts", `rights = ["holder"],`, `rights = ["holder", "initiator", "manager"],`),
    ],
    caughtBy: rights("invite() gives the right to hold shares"),
  },
];
