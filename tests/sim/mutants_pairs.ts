/**
 * Bugs that the tests must find: in quarantines, refusals, the lock on a store, and what a person approves.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });
const quarantine = {
  file: "tests/sim/directed_ecdsa_test.ts",
  test: "a pair whose last step fails three times is quarantined",
};

export const pairsMutants: readonly Mutant[] = [
  {
    name: "who is named in the last step takes the key from all",
    patches: [patch(
      "src/cluster/sessions.ts",
      "for (const named of culprits.length > 0 ? culprits : [null]) {",
      "for (const named of culprits.length > 9 ? culprits : [null]) {",
    )],
    caughtBy: quarantine,
  },
  {
    name: "a coordinator proposes a pair that it has quarantined",
    patches: [patch(
      "src/cluster/party.ts",
      "const mine = [...banned, ...frozen.quarantined(key).map((other) => [self, other] as const)];",
      "const mine = [...banned];",
    )],
    caughtBy: quarantine,
  },
  {
    name: "a member does not decline a pair that it has quarantined",
    patches: [patch(
      "src/cluster/invitation.ts",
      'if (quarantined.length > 0) throw new Apart("pair-quarantined", quarantined);',
      "void quarantined;",
    )],
    caughtBy: quarantine,
  },
  {
    name: "failures of all sets of signers count together",
    patches: [patch(
      "src/cluster/frozen.ts",
      "const alike = failures.filter(([, signers]) => signers.join() === others.join()).length;",
      "const alike = failures.length;",
    )],
    caughtBy: {
      file: "tests/cluster/damaged_rows_test.ts",
      test: "Frozen counts failures of one set of signers",
    },
  },
  {
    name: "a coordinator says in its own voice what another claims of a pair",
    patches: [patch(
      "src/cluster/coordinator.ts",
      "function refusal({ peers, apart }: Refusals): SessionError {",
      "function refusal({ peers, apart }: Refusals): SessionError {\n" +
        "  if (apart.length > 0) return new SessionError(apart[0]!.code);",
    )],
    caughtBy: {
      file: "tests/sim/directed_ecdsa_test.ts",
      test: "a pair that is banned is not used again",
    },
  },
];
