/**
 * The remarks of a session, where this page has them.
 * @module
 */
import type { State } from "../../state/model.ts";
import { remarksOn, type Session } from "../../state/sessions.ts";
import { namer } from "../../text/names.ts";
import { shownRemarks } from "../../text/remarks.ts";
import type { OwnAnswer } from "../page.tsx";

/** @param answer The answer of this tab's person, who was shown its remarks. */
export function Remarks({ state, session, answer }: {
  state: State;
  session: Session;
  answer: OwnAnswer | null;
}) {
  const isOwn = session.request !== null || session.initiator === state.self;
  const remarks = answer?.remarks ?? remarksOn(session, state.self);
  return shownRemarks(remarks, isOwn ? null : namer(state.peers)(session.initiator)).map((
    { label, text },
  ) => (
    <p key={label}>
      {label}: “{text}”
    </p>
  ));
}
