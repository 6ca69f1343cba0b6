/**
 * Everything that was told of a session, for whoever wants to look underneath or pass it on.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import { visibleLines } from "../../text/clean.ts";
import { sessionLink } from "../../text/session_link.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { Copy } from "../parts.tsx";

/** Nothing in it is secret: events carry none, and the message and signature are left out. */
export function reportOf(session: Session, { attempt, status }: Summary): string {
  const { id, kind, wallet, curve, initiator } = session;
  const views = Object.fromEntries([...(attempt?.views ?? [])].map(([peer, { events }]) => [peer, events]));
  const { coordinator = null, party = [], session: opened = null } = attempt ?? {};
  const about = { id, kind, wallet, curve, initiator, status, session: opened, coordinator, party, views };
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
