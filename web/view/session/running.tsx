/**
 * A session under way: whom it waits for, and how long that may take.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import type { PeerId } from "../../../src/failure.ts";
import { list, type NameOf, namer } from "../../text/names.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { preparing } from "../../state/preparing.ts";
import { waitingFor } from "../../state/timeline.ts";
import { Preparing } from "./preparing.tsx";
import { useNow } from "../parts.tsx";

const patience = 1_000; // what is over by then needs no bar

/** Whose person is asked, and for how long it can still answer, ms. Whoever reads it may be that person. */
export function askingSentence(
  asking: readonly PeerId[],
  { nameOf, self, left }: { nameOf: NameOf; self: PeerId | null; left: number | null },
): string {
  const others = [...new Set(asking)].filter((peer) => peer !== self);
  const you = others.length < asking.length;
  const who = others.length === 0
    ? ""
    : `${list(others.map(nameOf))} ${others.length === 1 ? "is" : "are"} being asked whether to take part. `;
  const seconds = left === null ? 0 : Math.ceil(left / 1000);
  const time = seconds > 90 ? `${Math.round(seconds / 60)} minutes` : `${seconds} s`;
  const until = seconds > 0 ? `There are ${time} left to answer.` : "";
  return `${you ? "You are being asked: answer on this screen. " : ""}${who}${until}`.trim();
}

/** By how much the command outlives this moment, ms, by the clock of whoever began it; null while that is not known. */
export function timeLeft({ attempts }: Session, now: number): number | null {
  for (const { since, views } of attempts.values()) {
    for (const { events } of views.values()) {
      const began = events.find((event) => event.type === "began");
      if (began) return Math.max(0, began.deadline - began.at - (now - since));
    }
  }
  return null;
}

export function Running({ state, act, session, summary }: {
  state: State;
  act: Act;
  session: Session;
  summary: Summary;
}) {
  const now = useNow(true);
  const nameOf = namer(state.peers);
  const { attempt, party } = summary;
  const wait = waitingFor(summary, state.self);
  const work = preparing(summary);
  const passed = attempt ? Math.max(0, now - attempt.since) : 0;
  const asking = attempt?.asking ?? [];
  const says = wait
    ? wait.missing.length > 0
      ? `Waiting for ${list(wait.missing.map(nameOf))} in round “${clean(wait.round, 24)}”, says ${
        nameOf(wait.by)
      }.`
      : `Round “${clean(wait.round, 24)}” is under way.`
    : asking.length > 0 && !attempt?.opened
    ? askingSentence(asking, { nameOf, self: state.self, left: timeLeft(session, now) })
    : work.length > 0
    ? "Each pair prepares what it will sign with. That is done once for a key, and is what takes so long."
    : party.length > 0
    ? attempt?.opened ? "The votes are being counted." : `Asking ${list(party.map(nameOf))} to take part…`
    : "Choosing who takes part…";
  return (
    <div class="running">
      <p>{says}</p>
      {work.length > 0 && <Preparing work={work} nameOf={nameOf} />}
      {passed > patience && work.length === 0 && (
        <label class="waiting">
          <progress {...(wait && wait.ms > 0 ? { max: wait.ms, value: Math.min(passed, wait.ms) } : {})} />
          <span class="data">
            {Math.floor(passed / 1000)}{" "}
            s{wait && wait.ms > 0 ? ` of at most ${Math.ceil(wait.ms / 1000)} s` : ""}
          </span>
        </label>
      )}
      {session.asked && passed > patience && (
        <button
          type="button"
          class="quiet"
          onClick={() => act.cancel(session.id)}
        >
          Cancel for everyone
        </button>
      )}
    </div>
  );
}
