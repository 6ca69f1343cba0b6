/**
 * What is said aloud: one sentence for each end of a session, and nothing else. Pure.
 * @module
 */
import type { Failure } from "../../src/events.ts";
import { cardText } from "./card.ts";
import { clean } from "./clean.ts";
import type { State } from "../state/model.ts";
import { curveNames, namer } from "./names.ts";
import type { Session, SessionKey } from "../state/sessions.ts";
import { summarize } from "../state/summary.ts";

const kept = 30; // a reader that was away needs no more

/** Says how a session ended, and that somebody was caught; once for each thing there is to say. */
export function speak(state: State, key: SessionKey): State {
  const session = state.sessions.get(key);
  if (!session) return state;
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
  if (status === "done") texts.push(doneSentence(session));
  const fresh = texts.filter((text) =>
    !state.log.some((spoken) => spoken.session === key && spoken.text === text)
  );
  if (fresh.length === 0) return state;
  return { ...state, log: [...state.log, ...fresh.map((text) => ({ session: key, text }))].slice(-kept) };
}

/** Whether an accusation's own messages are being looked at: what comes of that is worth a sentence, not the wait. */
function isBeingChecked({ proofs }: Session, { peer }: Failure): boolean {
  const proof = proofs.get(peer);
  return proof === undefined || proof === "looking";
}

/** The fixed sentence of a success. */
export function doneSentence({ kind, wallet, curve }: Pick<Session, "kind" | "wallet" | "curve">): string {
  const name = `“${clean(wallet ?? "", 64)}”${curve === "secp256k1" ? `, ${curveNames.secp256k1}` : ""}`;
  return kind === "sign"
    ? `Signed with ${name}.`
    : kind === "generate"
    ? `The key ${name} was made.`
    : `The shares of ${name} were renewed.`;
}
