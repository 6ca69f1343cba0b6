/**
 * The outcome of one schedule, as the invariants look at it.
 * @module
 */
import type { PastOutcome } from "../../mod.ts";
import type { FailureCode } from "../../src/failure.ts";
import type { Schedule } from "./schedule.ts";
import type { Streams } from "./streams.ts";

/** Outcome of whoever asked. */
export type Settled = { gave: unknown } | { threw: unknown };

/** What came of one schedule. */
export interface Ran {
  schedule: Schedule;
  id: string | null;
  happened: boolean;
  settled: Settled | null;
  settledAt: number;
  /** Of the control session: how long it took, ms; null if it failed. */
  control: number | null;
  streams: Streams | null;
  startedAt: number;
  /** Everybody is here again, linked, with nothing pending and nothing left behind. */
  healed: string | null;
  /** What whoever asked learns by the id alone, when all are back; null if it is gone, or nothing was asked for. */
  outcome: { said: PastOutcome["state"] | FailureCode; hash: string | null } | null;
  /** What others said of it to a peer that had not asked for it. */
  overheard: readonly string[];
  /** What the others say to whoever asked for the command, by its id: `bob: kept`. */
  toldAgain: readonly string[];
  /** What it has left on each holder's disk for good: `ban` or `pair` and whom, or a key's counted failures. */
  marks: ReadonlyMap<string, readonly string[]>;
  /** Who told of a ban that was not on disk. */
  early: readonly string[];
  /** Who was named for a yes and a no about one key. */
  contradicted: readonly string[];
  /** What a page showed that is not so, and buttons that led to nothing. */
  screens: readonly string[];
}
