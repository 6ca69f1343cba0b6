/**
 * The scenarios of “Break something on purpose”: a peer's misbehaviour, the expected end, and whether it came. Pure.
 * @module
 */
import type { Failure } from "../../src/events.ts";
import { accuses } from "../../src/explain.ts";
import { type FailureCode, failures, type PeerId } from "../../src/failure.ts";
import type { Summary } from "./summary.ts";
import type { SessionKey } from "./sessions.ts";

/** The expected end of the next session of a kind. */
export interface Expectation {
  kind: "sign" | "generate";
  /** `done`, or the acceptable failure codes. */
  outcome: "done" | readonly FailureCode[];
  /** Exactly these peers. */
  culprits: readonly PeerId[];
  missing: readonly PeerId[];
  /** The only peer that may accuse. */
  accuser?: PeerId;
  /** Whether warnings about dropped frames are expected. */
  warnings?: boolean;
}

/** One misbehaviour that was ordered, and the session in which it happened. */
export interface Scenario {
  id: number;
  /** Null: a stranger, outside the roster. */
  peer: PeerId | null;
  /** The misbehaviour, as in “Bob will send a forged share”. */
  will: string;
  /** The expected end, in words. */
  see: string;
  expect: Expectation;
  state: "arming" | "armed" | "matched" | "refused";
  session: SessionKey | null;
  /** The number of warnings when it was armed. */
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

/** The number of forged frames that a stranger sends. */
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

/** Matches a session that begins with the first armed scenario of its kind whose peer takes part; each matches once. */
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

/** The scenario that waits for its session, or null. */
export function pendingScenario(scenarios: readonly Scenario[]): Scenario | null {
  return scenarios.find(({ state }) => state === "arming" || state === "armed") ?? null;
}

export type ScenarioResult = "waiting" | "as expected" | "not as expected";

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item) => b.includes(item));

/** The peers that accuse somebody, by the claims of a failure. */
function accusersOf({ claims }: Failure): readonly PeerId[] {
  return [...new Set(claims.filter(accuses).map(({ by }) => by))];
}

/**
 * Whether the session ended as expected: every honest member that reports an end reports the expected one, or passes on
 * another's report. The report of the cheating peer does not count.
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
  const accused = (end: Failure) => expect.accuser === undefined || accusersOf(end).join() === expect.accuser;
  const right = honest.filter((end) =>
    end.type === "failed" && outcome.includes(end.code) && same(end.culprits, expect.culprits) &&
    same(end.missing, expect.missing) && accused(end)
  );
  const wrong = honest.filter((end) =>
    !right.includes(end) && !(end.type === "failed" && failures[end.code].names === "claims")
  );
  if (wrong.length > 0) return "not as expected";
  // The card must show it; another peer's report is not enough.
  if (right.length > 0 && expect.accuser !== undefined && !right.some((end) => end === summary.failure)) {
    return "not as expected";
  }
  if (right.length > 0) return "as expected";
  const silent = summary.silent.filter((peer) => peer !== scenario.peer);
  return silent.length > 0 || honest.length === 0 ? "waiting" : "not as expected";
}
