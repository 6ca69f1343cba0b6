/**
 * All seeded bugs.
 * @module
 */
import { consentMutants } from "./consent_mutants.ts";
import { ecdsaMutants } from "./ecdsa_mutants.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { batchMutants } from "./mutants_batches.ts";
import { approvalMutants } from "./mutants_approval.ts";
import { attemptMutants } from "./mutants_attempts.ts";
import { batchFrostMutants } from "./mutants_batch_frost.ts";
import { batchOrderMutants } from "./mutants_batch_orders.ts";
import { addressMutants } from "./mutants_addresses.ts";
import { bip340Mutants } from "./mutants_bip340.ts";
import { bip340SchemeMutants } from "./mutants_bip340_scheme.ts";
import { browserMutants } from "./mutants_browsers.ts";
import { budgetMutants } from "./mutants_budgets.ts";
import { chainMutants } from "./mutants_chain.ts";
import { epochMutants } from "./mutants_epochs.ts";
import { clocksMutants } from "./mutants_clocks.ts";
import { codecMutants } from "./mutants_codec.ts";
import { commandMutants } from "./mutants_commands.ts";
import { controlMutants } from "./mutants_control.ts";
import { cryptoMutants } from "./mutants_crypto.ts";
import { dealMutants } from "./mutants_deal.ts";
import { dealingMutants } from "./mutants_dealing.ts";
import { endingMutants } from "./mutants_ending.ts";
import { evidenceMutants } from "./mutants_evidence.ts";
import { faultsMutants } from "./mutants_faults.ts";
import { firstRoundMutants } from "./mutants_first_round.ts";
import { goMutants } from "./mutants_go.ts";
import { handoverMutants } from "./mutants_handover.ts";
import { lineMutants } from "./mutants_lines.ts";
import { outcomeMutants } from "./mutants_outcomes.ts";
import { pairsMutants } from "./mutants_pairs.ts";
import { piecesMutants } from "./mutants_pieces.ts";
import { reshareMutants } from "./mutants_reshare.ts";
import { schemeMutants } from "./mutants_schemes.ts";
import { screenMutants } from "./mutants_screen.ts";
import { shownMutants } from "./mutants_shown.ts";
import { signalMutants } from "./mutants_signals.ts";
import { silenceMutants } from "./mutants_silence.ts";
import { takeoverMutants } from "./mutants_takeover.ts";
import { textMutants } from "./mutants_text.ts";
import { transportMutants } from "./mutants_transport.ts";
import { votesMutants } from "./mutants_votes.ts";
import { wireMutants } from "./mutants_wire.ts";

export const allMutants: readonly Mutant[] = [
  ...mutants,
  ...ecdsaMutants,
  ...consentMutants,
  ...attemptMutants,
  ...batchMutants,
  ...batchFrostMutants,
  ...batchOrderMutants,
  ...addressMutants,
  ...bip340Mutants,
  ...bip340SchemeMutants,
  ...browserMutants,
  ...budgetMutants,
  ...chainMutants,
  ...epochMutants,
  ...clocksMutants,
  ...codecMutants,
  ...commandMutants,
  ...controlMutants,
  ...cryptoMutants,
  ...dealMutants,
  ...dealingMutants,
  ...endingMutants,
  ...evidenceMutants,
  ...faultsMutants,
  ...firstRoundMutants,
  ...goMutants,
  ...handoverMutants,
  ...lineMutants,
  ...outcomeMutants,
  ...pairsMutants,
  ...approvalMutants,
  ...piecesMutants,
  ...reshareMutants,
  ...schemeMutants,
  ...screenMutants,
  ...shownMutants,
  ...signalMutants,
  ...silenceMutants,
  ...takeoverMutants,
  ...textMutants,
  ...transportMutants,
  ...votesMutants,
  ...wireMutants,
];
