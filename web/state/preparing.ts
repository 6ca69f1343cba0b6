/**
 * How far each member is with the long work between rounds: what ECDSA's set-up takes its time for. Pure.
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

/** Every member's, once one of them has told; empty before, and after the last has entered what follows. */
export function preparing({ attempt, party }: Pick<Summary, "attempt" | "party">): readonly Preparing[] {
  const told = party.map((peer) => {
    const events = attempt?.views.get(peer)?.events ?? [];
    const done = events.reduce(
      (most, event) => event.type === "work" ? Math.max(most, event.done) : most,
      -1,
    );
    const over = terminal({ peer, events }) !== null ||
      events.some((event) => event.type === "phase" && event.phase === "committing");
    return { peer, done, over };
  });
  if (told.every(({ done }) => done < 0) || told.every(({ over }) => over)) return [];
  return told.map(({ peer, done, over }) => ({
    peer,
    percent: over ? 100 : Math.round(100 * Math.min(1, Math.max(0, done))),
  }));
}
