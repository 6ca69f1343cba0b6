/**
 * The warnings, which end no session: one line, and a list on demand.
 * @module
 */
import { explain } from "../../../src/explain.ts";
import type { State } from "../../state/model.ts";
import { namer, short } from "../../text/names.ts";

export function Warnings({ state }: { state: State }) {
  const nameOf = namer(state.peers);
  const lines = [...state.warnings.values()].reverse();
  const newest = lines[0];
  if (!newest && state.dropped === 0) {
    return <p class="hint">No stray traffic was seen.</p>;
  }
  // The newest kind, counted over all peers that report it.
  const total = newest &&
    lines.filter(({ warning }) => warning.code === newest.warning.code && warning.via === newest.warning.via)
      .reduce((sum, { count }) => sum + count, 0);
  return (
    <details class="plain">
      <summary>
        {newest && total !== undefined
          ? sentence(explain({ ...newest.warning, count: total }, nameOf))
          : `${
            state.dropped.toLocaleString("en")
          } events arrived too fast for this page; failures are never dropped.`}
      </summary>
      <ul>
        {lines.map(({ warning, count }) => (
          <li key={[warning.peer, warning.code, warning.via, warning.session].join(" ")}>
            {nameOf(warning.peer)}: {explain({ ...warning, count }, nameOf).what}
            {warning.session && <span class="data">session {short(warning.session, 4, 4)}</span>}
          </li>
        ))}
        {state.dropped > 0 && (
          <li>This page: {state.dropped.toLocaleString("en")} events arrived too fast.</li>
        )}
      </ul>
    </details>
  );
}

function sentence({ what, key }: { what: string; key: string }): string {
  return `${what} ${key}`;
}
