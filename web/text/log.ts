/**
 * The announcements of the page, for screen readers: one sentence for each end of a session. Pure.
 * @module
 */
import type { Failure } from "../../src/events.ts";
import { cardText } from "./card.ts";
import { clean } from "./clean.ts";
import type { State } from "../state/model.ts";
import { namer } from "./names.ts";
import { defaultScheme, schemeTexts } from "./schemes.ts";
import { itemCount, type Session } from "../state/sessions.ts";
import { summarize } from "../state/summary.ts";

const kept = 30; // more than anybody reads back

/** Announces the end of a session, and that somebody was caught: each sentence once. */
export function announce(state: State, session: Session): State {
  const summary = summarize(session, state);
  const { status, failure, caught, unchecked } = summary;
  if (unchecked && isBeingChecked(session, failure!)) return state;
  const texts: string[] = [];
  if (failure && (status === "failed" || caught)) {
    texts.push(
      cardText({ ...summary, failure }, namer(state.peers), {
        self: state.self,
        offline: session.offline === true,
      }).what,
    );
  }
  if (status === "done") texts.push(doneSentence(session, itemCount(session, state.self)));
  const added = texts.filter((text) =>
    !state.log.some((one) => one.session === session.key && one.text === text)
  )
    .map((text) => ({ session: session.key, text }));
  return added.length === 0 ? state : { ...state, log: [...state.log, ...added].slice(-kept) };
}

/** Whether this page still checks an accusation: its result is announced, not the wait. */
function isBeingChecked({ proofs }: Session, { peer }: Failure): boolean {
  const proof = proofs.get(peer);
  return proof === undefined || proof === "looking";
}

/** The sentence for a success. @param items The number of items that were signed. */
export function doneSentence(
  { kind, wallet, scheme }: Pick<Session, "kind" | "wallet" | "scheme">,
  items = 1,
): string {
  const name = `“${clean(wallet ?? "", 64)}”${
    scheme !== null && scheme !== defaultScheme ? `, ${schemeTexts[scheme].name}` : ""
  }`;
  return kind === "sign"
    ? `Signed ${items > 1 ? `${items} items ` : ""}with ${name}.`
    : kind === "generate"
    ? `The key ${name} was made.`
    : `${name} was reshared: new shares, the same key.`;
}
