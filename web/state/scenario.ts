/**
 * "Break something on purpose": what was arranged, what should be seen, and whether it was. Pure.
 * @module
 */
import type { Failure } from "../../src/events.ts";
import { accuses } from "../../src/explain.ts";
import { type FailureCode, failures, type PeerId } from "../../src/failure.ts";
import type { Summary } from "./summary.ts";
import type { SessionKey } from "./sessions.ts";

/** How the next session of a kind should end. */
export interface Expectation {
  kind: "sign" | "generate";
  /** `done`, or the codes that are right. */
  outcome: "done" | readonly FailureCode[];
  /** Exactly these, no more and no fewer. */
  culprits: readonly PeerId[];
  missing: readonly PeerId[];
  /** Whose word it is, and nobody else's. */
  accuser?: PeerId;
  /** Some were seen to drop frames meanwhile. */
  warnings?: boolean;
}

export interface Show {
  id: number;
  /** Null is the stranger. */
  peer: PeerId | null;
  /** What the peer will do: `send a forged share`. */
  will: string;
  /** What to look out for. */
  see: string;
  expect: Expectation;
  state: "arming" | "armed" | "played" | "refused";
  session: SessionKey | null;
  /** Warnings counted when it began. */
  warningsBefore: number;
  problem: string | null;
}

export type ShowAction =
  | {
    type: "show-arming";
    show: Pick<Show, "id" | "peer" | "will" | "see" | "expect">;
  }
  | { type: "show-armed"; id: number }
  | { type: "show-refused"; id: number; problem: string };

const showsKept = 12;

/** How much junk a stranger sends when asked to. */
export const strangerFrames = 1_000;

export function foldShow(shows: readonly Show[], action: ShowAction, warnings: number): readonly Show[] {
  switch (action.type) {
    case "show-arming": {
      const rest = { state: "arming", session: null, problem: null, warningsBefore: warnings } as const;
      const gone = shows.filter(({ state }) => state === "played");
      return [...gone, { ...action.show, ...rest }].slice(-showsKept);
    }
    case "show-armed":
      return shows.map((show) =>
        show.id === action.id && show.state === "arming" ? { ...show, state: "armed" } : show
      );
    case "show-refused":
      return shows.map((show) =>
        show.id === action.id ? { ...show, state: "refused", problem: action.problem } : show
      );
    default:
      return action satisfies never;
  }
}

/** A session begins with these peers: whatever waits for one of its kind plays in it, once. */
export function play(
  shows: readonly Show[],
  session: { key: SessionKey; kind: string; party: readonly PeerId[] },
): readonly Show[] {
  if (shows.some((show) => show.session === session.key)) return shows;
  const next = shows.findIndex((show) =>
    show.state === "armed" && show.expect.kind === session.kind &&
    (show.peer === null || session.party.includes(show.peer))
  );
  return next < 0 ? shows : shows.with(next, { ...shows[next]!, state: "played", session: session.key });
}

/** The one that is under way, if any. */
export function waiting(shows: readonly Show[]): Show | null {
  return shows.find(({ state }) => state === "arming" || state === "armed") ?? null;
}

export type Verdict = "waiting" | "as expected" | "not as expected";

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item) => b.includes(item));

/** Who accuses somebody, by what others were told. */
function accusersOf({ claims }: Failure): readonly PeerId[] {
  return [...new Set(claims.filter(accuses).map(({ by }) => by))];
}

/**
 * Whether it went as it should: every honest member that says how it ended says what was expected, or passes on that
 * it was told. The one who cheats is not asked.
 */
export function verdict(show: Show, summary: Summary | null, warnings: number): Verdict {
  if (show.state !== "played" || !summary) return "waiting";
  const { expect } = show;
  const { outcome } = expect;
  const { status } = summary;
  if (outcome === "done") {
    const counted = !expect.warnings || warnings > show.warningsBefore;
    return status === "done" && counted ? "as expected" : status === "failed" ? "not as expected" : "waiting";
  }
  const honest = summary.ends.filter(({ peer }) => peer !== show.peer);
  const told = (end: Failure) => expect.accuser === undefined || accusersOf(end).join() === expect.accuser;
  const right = honest.filter((end) =>
    end.type === "failed" && outcome.includes(end.code) && same(end.culprits, expect.culprits) &&
    same(end.missing, expect.missing) && told(end)
  );
  const wrong = honest.filter((end) =>
    !right.includes(end) && !(end.type === "failed" && failures[end.code].names === "claims")
  );
  if (wrong.length > 0) return "not as expected";
  // What the card tells counts, not what a peer told somewhere.
  if (right.length > 0 && expect.accuser !== undefined && !right.some((end) => end === summary.failure)) {
    return "not as expected";
  }
  if (right.length > 0) return "as expected";
  const silent = summary.silent.filter((peer) => peer !== show.peer);
  return silent.length > 0 || honest.length === 0 ? "waiting" : "not as expected";
}
