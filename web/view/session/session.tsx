/**
 * One session: a line, and for those that are open all there is to see of it.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import type { Advice } from "../../state/advice.ts";
import { clean } from "../../text/clean.ts";
import { type State, warningCount } from "../../state/model.ts";
import { clock, curveNames, iso, list, namer, seconds, short } from "../../text/names.ts";
import { holdersOf } from "../../state/primary.ts";
import { sessionLink } from "../../text/session_link.ts";
import type { Session } from "../../state/sessions.ts";
import { verdict } from "../../state/scenario.ts";
import { summarize, type Summary } from "../../state/summary.ts";
import { grid } from "../../state/timeline.ts";
import { Done, preview } from "./done.tsx";
import { FailureCard } from "./failure_card.tsx";
import { Grid } from "./grid.tsx";
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
  /** What this tab's person said to it. */
  answer: OwnAnswer | null;
  open: boolean;
  narrow: boolean;
  main: boolean;
  onForm: (advice: Advice & { do: "form" }) => void;
}

/** How a session is called in passing: the start of its id, or of its command's while it has none. */
export function shortId(session: Session, summary: Summary | null): string {
  return short(clean(summary?.attempt?.session ?? session.id, 64), 4, 0);
}

export function SessionItem({ state, act, session, answer, open, narrow, main, onForm }: SessionProps) {
  const summary = summarize(session, state);
  const { status, failure, took, at, caught } = summary;
  const nameOf = namer(state.peers);
  const id = `session-${session.key}`;
  const asked = session.asked?.input?.message;
  const about = answer?.about ?? (asked ? preview(asked) : null);
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
            {kinds[session.kind]} “{clean(session.wallet ?? "", 64)}”
            {session.curve === "secp256k1" && ` ${curveNames.secp256k1}`} <span class="status">{word}</span>
            {about !== null && <span class="about">{about}</span>}
          </span>
          <span class="data meta">
            {session.outcome?.verified === "verified" && <span>verified</span>}
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
            {answer !== null && <p>{answer.sentence}</p>}
            <Played state={state} session={session} summary={summary} />
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
              grid={grid(session, summary, { holders: holdersOf(session, state), company: state })}
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

/** Where a session comes from: who asked, and after what. */
function Origin({ state, session }: { state: State; session: Session }) {
  const nameOf = namer(state.peers);
  const after = session.asked?.after;
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
  if (!session.asked && session.initiator && session.initiator !== state.self) {
    return <p class="hint">asked for by {nameOf(session.initiator)}</p>;
  }
  return null;
}

/** What was arranged for this session on purpose, and whether it went as it should. */
function Played({ state, session, summary }: { state: State; session: Session; summary: Summary }) {
  const show = state.shows.find((one) => one.session === session.key);
  if (!show) return null;
  const result = verdict(show, summary, warningCount(state));
  const name = show.peer === null ? "A stranger" : namer(state.peers)(show.peer);
  return (
    <p class="played" data-verdict={result}>
      <span>{name} was told to {show.will}. You should see: {show.see}</span>{" "}
      <strong role="status">{result === "as expected" ? "as expected ✓" : result}</strong>
    </p>
  );
}
