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
  /**
   * The reasons for which it has waited: for a person, so that from then on no other command for the same name takes its
   * place; or for its turn, since another coordinator was still there for somebody, or was given the turn.
   */
  readonly waitedFor: Set<"person" | "turn">;
  /** Whether it is its turn at this moment, as far as this node knows: peers are invited. */
  isInviting: boolean;
  isOver: boolean;
  /** The number of new rosters that have come between its invites. */
  rosters: number;
  /** The number of times that accepts had nearly lapsed when the last one came. */
  lapses: number;
  /** The end of its lifetime by the monotonic clock, ms: no wall clock has a part in that. */
  until: number;
}
