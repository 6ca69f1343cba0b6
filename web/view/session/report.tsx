/**
 * The full report of a session, to look into or to pass on.
 * @module
 */
import { outgoing } from "../../../src/cluster/events/event_schema.ts";
import type { Act } from "../../node/actions.ts";
import { visibleLines } from "../../text/clean.ts";
import { sessionLink } from "../../text/session_link.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { Copy } from "../parts.tsx";

/** The report contains no secret: events have none, and the message, the signature and the remarks are left out. */
export function reportOf(session: Session, { attempt, status }: Summary): string {
  const { id, kind, wallet, scheme, initiator } = session;
  const accounts = Object.fromEntries(
    [...(attempt?.accounts ?? [])].map(([peer, { events }]) => [peer, events.map(outgoing)]),
  );
  const { coordinator = null, party = [], session: opened = null } = attempt ?? {};
  const about = {
    id,
    kind,
    wallet,
    scheme,
    initiator,
    status,
    session: opened,
    coordinator,
    party,
    accounts,
  };
  return JSON.stringify(about, null, 2);
}

export function Report({ session, summary, act }: { session: Session; summary: Summary; act: Act }) {
  const report = reportOf(session, summary);
  return (
    <details class="plain report">
      <summary>
        Details {summary.failure && summary.status === "failed" && <code>{summary.failure.code}</code>}
      </summary>
      <div class="buttons">
        <Copy text={report} what="report" act={act} />
        <a href={sessionLink(session.key)}>Link to this session</a>
      </div>
      <pre tabIndex={0} role="region" aria-label="Report">{visibleLines(report)}</pre>
    </details>
  );
}
