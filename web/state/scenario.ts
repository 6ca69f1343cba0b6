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

export interface Scenario {
  id: number;
  /** Null is the stranger. */
  peer: PeerId | null;
  /** What the peer will do: `send a forged share`. */
  will: string;
  /** What to look out for. */
  see: string;
  expect: Expectation;
  state: "arming" | "armed" | "matched" | "refused";
  session: SessionKey | null;
  /** Warnings counted when it began. */
  warningsBefore: number;
  problem: string | null;
}

export type ScenarioAction =
  | {
    type: "scenario-arming";
    scenario: Pick<Scenario, "id" | "peer" | "will" | "see" | "expect">;
  }
  | { type: "scenario-armed"; id: number }
  | { type: "scenario-refused"; id: number; problem: string };

const scenariosKept = 12;

/** How much junk a stranger sends when asked to. */
export const strangerFrames = 1_000;

export function foldScenario(
  scenarios: readonly Scenario[],
  action: ScenarioAction,
  warnings: number,
): readonly Scenario[] {
  switch (action.type) {
    case "scenario-arming": {
      const rest = { state: "arming", session: null, problem: null, warningsBefore: warnings } as const;
      const gone = scenarios.filter(({ state }) => state === "matched");
      return [...gone, { ...action.scenario, ...rest }].slice(-scenariosKept);
    }
    case "scenario-armed":
      return scenarios.map((scenario) =>
        scenario.id === action.id && scenario.state === "arming" ? { ...scenario, state: "armed" } : scenario
      );
    case "scenario-refused":
      return scenarios.map((scenario) =>
        scenario.id === action.id ? { ...scenario, state: "refused", problem: action.problem } : scenario
      );
    default:
      return action satisfies never;
  }
}

/** A session begins with these peers: whatever waits for one of its kind plays in it, once. */
export function matchScenario(
  scenarios: readonly Scenario[],
  session: { key: SessionKey; kind: string; party: readonly PeerId[] },
): readonly Scenario[] {
  if (scenarios.some((scenario) => scenario.session === session.key)) return scenarios;
  const next = scenarios.findIndex((scenario) =>
    scenario.state === "armed" && scenario.expect.kind === session.kind &&
    (scenario.peer === null || session.party.includes(scenario.peer))
  );
  return next < 0
    ? scenarios
    : scenarios.with(next, { ...scenarios[next]!, state: "matched", session: session.key });
}

/** The one that is under way, if any. */
export function pendingScenario(scenarios: readonly Scenario[]): Scenario | null {
  return scenarios.find(({ state }) => state === "arming" || state === "armed") ?? null;
}

export type ScenarioResult = "waiting" | "as expected" | "not as expected";

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
export function scenarioResult(
  scenario: Scenario,
  summary: Summary | null,
  warnings: number,
): ScenarioResult {
  if (scenario.state !== "matched" || !summary) return "waiting";
  const { expect } = scenario;
  const { outcome } = expect;
  const { status } = summary;
  if (outcome === "done") {
    const counted = !expect.warnings || warnings > scenario.warningsBefore;
    return status === "done" && counted ? "as expected" : status === "failed" ? "not as expected" : "waiting";
  }
  const honest = summary.ends.filter(({ peer }) => peer !== scenario.peer);
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
  const silent = summary.silent.filter((peer) => peer !== scenario.peer);
  return silent.length > 0 || honest.length === 0 ? "waiting" : "not as expected";
}
