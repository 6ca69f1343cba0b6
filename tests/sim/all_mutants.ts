/**
 * All seeded bugs.
 * @module
 */
import { consentMutants } from "./consent_mutants.ts";
import { ecdsaMutants } from "./ecdsa_mutants.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { attemptMutants } from "./mutants_attempts.ts";
import { bip340Mutants } from "./mutants_bip340.ts";
import { bip340SchemeMutants } from "./mutants_bip340_scheme.ts";
import { browserMutants } from "./mutants_browsers.ts";
import { budgetMutants } from "./mutants_budgets.ts";
import { clocksMutants } from "./mutants_clocks.ts";
import { commandMutants } from "./mutants_commands.ts";
import { cryptoMutants } from "./mutants_crypto.ts";
import { endingMutants } from "./mutants_ending.ts";
import { evidenceMutants } from "./mutants_evidence.ts";
import { faultsMutants } from "./mutants_faults.ts";
import { firstRoundMutants } from "./mutants_first_round.ts";
import { goMutants } from "./mutants_go.ts";
import { pairsMutants } from "./mutants_pairs.ts";
import { schemeMutants } from "./mutants_schemes.ts";
import { screenMutants } from "./mutants_screen.ts";
import { shownMutants } from "./mutants_shown.ts";
import { textMutants } from "./mutants_text.ts";
import { transportMutants } from "./mutants_transport.ts";
import { votesMutants } from "./mutants_votes.ts";
import { wireMutants } from "./mutants_wire.ts";

export const allMutants: readonly Mutant[] = [
  ...mutants,
  ...ecdsaMutants,
  ...consentMutants,
  ...attemptMutants,
  ...bip340Mutants,
  ...bip340SchemeMutants,
  ...browserMutants,
  ...budgetMutants,
  ...clocksMutants,
  ...commandMutants,
  ...cryptoMutants,
  ...endingMutants,
  ...evidenceMutants,
  ...faultsMutants,
  ...firstRoundMutants,
  ...goMutants,
  ...pairsMutants,
  ...schemeMutants,
  ...screenMutants,
  ...shownMutants,
  ...textMutants,
  ...transportMutants,
  ...votesMutants,
  ...wireMutants,
];
