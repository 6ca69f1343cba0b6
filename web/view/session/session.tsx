/**
 * One session: its line, and if it is open, its details.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import type { FormAdvice } from "../../state/advice.ts";
import { clean } from "../../text/clean.ts";
import { type State, warningCount } from "../../state/model.ts";
import { clock, iso, list, namer, seconds, short } from "../../text/names.ts";
import { defaultScheme, schemeTexts } from "../../text/schemes.ts";
import { holdersOf } from "../../state/primary.ts";
import { sessionLink } from "../../text/session_link.ts";
import type { Session } from "../../state/sessions.ts";
import { scenarioResult } from "../../state/scenario.ts";
import { summarize, type Summary } from "../../state/summary.ts";
import { grid } from "../../state/timeline.ts";
import { Done } from "./done.tsx";
import { aboutItems } from "../../text/preview.ts";
import { FailureCard } from "./failure_card.tsx";
import { Grid } from "./grid.tsx";
import { Remarks } from "./remarks.tsx";
import { Report } from "./report.tsx";
import type { OwnAnswer } from "../page.tsx";
import { Running } from "./running.tsx";

const kinds = { sign: "Sign", generate: "Create", reshare: "Reshare", ecdh: "Link" } as const;
const marks = { done: "✓", failed: "✗", running: "…", asking: "?" } as const;
const statuses = {
  done: "done",
  failed: "failed",
  running: "running",
  asking: "waiting for a person",
} as const;

export interface SessionProps {
  state: State;
  act: Act;
  session: Session;
  /** The answer of this tab's person to its request. */
  answer: OwnAnswer | null;
  open: boolean;
  narrow: boolean;
  main: boolean;
  onForm: (advice: FormAdvice) => void;
}

/** The short name of a session: the start of its id, or of its command's id before it has one. */
export function shortId(session: Session, summary: Summary | null): string {
  return short(clean(summary?.attempt?.session ?? session.id, 64), 4, 0);
}

export function SessionItem({ state, act, session, answer, open, narrow, main, onForm }: SessionProps) {
  const summary = summarize(session, state);
  const { status, failure, took, at, caught, items } = summary;
  const nameOf = namer(state.peers);
  const id = `session-${session.key}`;
  const about = answer?.about ?? aboutItems(session.request?.items ?? []);
  const pending = failure?.code === "wallet-pending";
  const word = pending
    ? "not finished"
    : status === "done" && failure && caught
    ? `done, ${list(failure.culprits.map(nameOf))} caught`
    : statuses[status];
  return (
    <article
      class="session"
      id={id}
      data-status={pending ? "pending" : status}
      aria-labelledby={`${id}-title`}
    >
      <h3 id={`${id}-title`}>
        <button
          type="button"
          class="fold"
          aria-expanded={open}
          aria-controls={`${id}-body`}
          onClick={() => act.unfold(session.key, !open)}
        >
          <span class="mark" aria-hidden="true">{pending ? "◐" : marks[status]}</span>
          <span class="title">
            {kinds[session.kind]} {items > 1 && `${items} items with `}“{clean(session.wallet ?? "", 64)}”
            {session.scheme !== null && session.scheme !== defaultScheme &&
              ` ${schemeTexts[session.scheme].name}`} <span class="status">{word}</span>
            {about !== null && <span class="about">{about}</span>}
          </span>
          <span class="data meta">
            {session.outcome?.verified?.is === "verified" && <span>verified</span>}
            {took && (
              <span title={`by the clock of ${nameOf(took.by)}`}>
                {seconds(took.ms)}
              </span>
            )}
            {at !== null && iso(at) && <time dateTime={iso(at)}>{clock(at)}</time>}
            <code>{shortId(session, summary)}</code>
          </span>
        </button>
      </h3>
      <div id={`${id}-body`} hidden={!open} class="body">
        {open && (
          <>
            <Origin state={state} session={session} />
            <Remarks state={state} session={session} answer={answer} />
            {answer !== null && <p>{answer.sentence}</p>}
            <ScenarioLine state={state} session={session} summary={summary} />
            {status === "done" && <Done state={state} act={act} session={session} summary={summary} />}
            {(status === "running" || status === "asking") && (
              <Running state={state} act={act} session={session} summary={summary} />
            )}
            {failure && (status === "failed" || caught) && (
              <FailureCard
                state={state}
                act={act}
                session={session}
                summary={{ ...summary, failure }}
                main={main}
                onForm={onForm}
              />
            )}
            <Grid
              grid={grid(session, summary, { holders: holdersOf(session, state), viewer: state })}
              items={items}
              nameOf={nameOf}
              narrow={narrow}
            />
            <Report session={session} summary={summary} act={act} />
          </>
        )}
      </div>
    </article>
  );
}

/** The origin of a session: the peer that asked, and the failed session before it. */
function Origin({ state, session }: { state: State; session: Session }) {
  const nameOf = namer(state.peers);
  const after = session.request?.after;
  const before = after && state.sessions.get(after.session);
  if (after) {
    const without = after.without.length > 0 ? ` without ${list(after.without.map(nameOf))}` : "";
    return (
      <p class="hint">
        again{without}, after {before
          ? (
            <a href={sessionLink(after.session)}>
              {shortId(before, summarize(before, state))}
            </a>
          )
          : "an earlier session"}
      </p>
    );
  }
  if (!session.request && session.initiator && session.initiator !== state.self) {
    return <p class="hint">asked for by {nameOf(session.initiator)}</p>;
  }
  return null;
}

/** The misbehaviour that was ordered for this session, and whether it ended as expected. */
function ScenarioLine({ state, session, summary }: { state: State; session: Session; summary: Summary }) {
  const scenario = state.scenarios.find((one) => one.session === session.key);
  if (!scenario) return null;
  const result = scenarioResult(scenario, summary, warningCount(state));
  const name = scenario.peer === null ? "A stranger" : namer(state.peers)(scenario.peer);
  return (
    <p class="scenario" data-result={result}>
      <span>{name} was told to {scenario.will}. You should see: {scenario.see}</span>{" "}
      <strong role="status">{result === "as expected" ? "as expected ✓" : result}</strong>
    </p>
  );
}
