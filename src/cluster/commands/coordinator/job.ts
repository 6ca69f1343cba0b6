/**
 * A command under way at its coordinator.
 * @module
 */
import type { SignItem } from "../../../schemes/scheme.ts";
import type { Signed } from "../../../session/signed.ts";
import type { SessionFacts } from "../../events/session_facts.ts";
import type { Command } from "../../records/command.ts";
import type { CommandOutcome } from "../results.ts";
import type { Place } from "./places.ts";

export interface Job extends Place {
  /** See `commandKey`. */
  readonly key: string;
  /** The order that the initiator has sent last. */
  command: Signed<Command>;
  /** See `contentOf`, 64 hex digits. */
  readonly content: string;
  readonly items: readonly SignItem[];
  readonly facts: SessionFacts;
  readonly stop: AbortController;
  /** Set once the job is carried out. */
  outcome: Promise<CommandOutcome> | null;
  /** Whether a person was asked about it: from then on no other command for the same name takes its place. */
  asked: boolean;
  /** Whether it has waited for its turn: another coordinator was still there for somebody, or was given the turn. */
  waits: boolean;
  /** Whether it is its turn at this moment, as far as this node knows: peers are invited. */
  isInviting: boolean;
  /** The number of new rosters that have come between its invites. */
  rosters: number;
  /** The number of times that accepts had nearly lapsed when the last one came. */
  lapses: number;
  /** The end of its lifetime by the monotonic clock, ms: no wall clock has a part in that. */
  until: number;
}
