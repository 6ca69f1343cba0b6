/**
 * The progress of each member in a long computation: an ECDSA set-up, or the signatures of a batch. Pure.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { Summary } from "./summary.ts";
import { terminal } from "./summary.ts";

export interface Preparing {
  peer: PeerId;
  /** 0 to 100. */
  percent: number;
}

/** Every member's progress, from the first report until the last member has finished; empty before and after. */
export function preparing({ attempt, party }: Pick<Summary, "attempt" | "party">): readonly Preparing[] {
  const progress = party.map((peer) => {
    const events = attempt?.accounts.get(peer)?.events ?? [];
    const done = events.reduce(
      (most, event) => event.type === "work" ? Math.max(most, event.done) : most,
      -1,
    );
    const over = terminal({ peer, events }) !== null ||
      events.some((event) => event.type === "phase" && event.phase === "committing");
    return { peer, done, over };
  });
  if (progress.every(({ done }) => done < 0) || progress.every(({ over }) => over)) return [];
  return progress.map(({ peer, done, over }) => ({
    peer,
    percent: over ? 100 : Math.round(100 * Math.min(1, Math.max(0, done))),
  }));
}
