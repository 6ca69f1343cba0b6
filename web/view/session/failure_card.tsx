/**
 * A failure as a person reads it: what happened, who, is my key safe, what now.
 * @module
 */
import { useState } from "preact/hooks";
import type { Failure } from "../../../src/events.ts";
import { failures } from "../../../src/failure.ts";
import type { Act, Refusal } from "../../node/actions.ts";
import { type Advice, advise, barsPair } from "../../state/advice.ts";
import { cardText, proofText } from "../../text/card.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { list, type NameOf, namer } from "../../text/names.ts";
import { aroundOf, canSign, keyOf, madeKey } from "../../state/primary.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { outlookSentence } from "./refusing.tsx";

export interface CardProps {
  state: State;
  act: Act;
  session: Session;
  summary: Summary & { failure: Failure };
  /** Whether its first button is the one thing to press. */
  main: boolean;
  onForm: (advice: Advice & { do: "form" }) => void;
}

export function FailureCard({ state, act, session, summary, main, onForm }: CardProps) {
  const nameOf = namer(state.peers);
  const made = madeKey(session, summary, state) !== null;
  const text = cardText(summary, nameOf, { self: state.self, made, offline: session.offline === true });
  const { failure } = summary;
  const advice = advise(session, summary, aroundOf(session, state));
  const accusations = [failure, ...summary.differing].filter((end): end is Failure =>
    end.type === "failed" && failures[end.code].names === "culprits" && end.evidence !== undefined
  );
  const key = keyOf(session, state);
  // Whoever must not meet is advised to sign with others only where there are others.
  const stuck = key && parts(failure) && advice.length === 0 && !canSign(key, state)
    ? outlookSentence(key, state)
    : null;
  const [refusal, setRefusal] = useState<Refusal>(null);
  const press = (one: Advice) => one.do === "form" ? onForm(one) : setRefusal(act.follow(session, one));
  return (
    <div class="card" data-code={failure.code}>
      <p class="what">{text.what}</p>
      <dl>
        <dt>Who</dt>
        <dd>
          {text.who.map((line) => <p key={line}>{line}</p>)}
          {text.differ.length > 0 && (
            <div class="differ">
              <p>Views differ:</p>
              <ul>{text.differ.map((line) => <li key={line}>{line}</li>)}</ul>
            </div>
          )}
          {accusations.map((one) => (
            <Evidence
              key={one.peer}
              session={session}
              failure={one}
              act={act}
              by={nameOf(one.peer)}
              whose={accusations.length > 1 ? nameOf(one.peer) : null}
            />
          ))}
        </dd>
        <dt>Is my key safe?</dt>
        <dd>
          <p>{text.key}</p>
        </dd>
        <dt>What now</dt>
        <dd>
          <p>{stuck ?? nextSentence(text.next, advice, nameOf)}</p>
          {failure.code === "wallet-pending" && <Pending state={state} session={session} />}
          {!session.asked && <p class="hint">Another console asked for this; it can ask again.</p>}
          {advice.length > 0 && (
            <div class="buttons">
              {advice.map((one, i) => (
                <button
                  key={one.label}
                  type="button"
                  class={main && i === 0 ? "primary" : one.do === "form" ? "quiet" : "plain"}
                  onClick={() => press(one)}
                >
                  {one.label}
                </button>
              ))}
            </div>
          )}
          {refusal && <p class="problem" role="alert">{clean(refusal.message, 200)}</p>}
        </dd>
      </dl>
    </div>
  );
}

const parts = ({ code, claims }: Failure) =>
  code === "invalid-multiplication" || barsPair({ code }) || claims.some(barsPair);

/** Where the button says it already, the sentence says who can. */
function nextSentence(next: string, advice: readonly Advice[], nameOf: NameOf): string {
  const said = advice.find((one) => `${one.label}.` === next);
  if (said?.do !== "sign" || !said.signers) return next;
  return `${list(said.signers.map(nameOf))} can sign without ${list(said.without.map(nameOf))}.`;
}

interface EvidenceProps {
  session: Session;
  failure: Failure;
  act: Act;
  /** Who has the messages. */
  by: string;
  /** Named where there is more than one accuser. */
  whose: string | null;
}

function Evidence({ session, failure, act, by, whose }: EvidenceProps) {
  const proof = session.proofs.get(failure.peer);
  const open = proof === undefined || proof === "not-fetched";
  return (
    <div class="evidence">
      <p role="status" data-proof={proof}>
        {whose !== null && `${whose}: `}
        {proofText(proof, by)}
      </p>
      {open && (
        <button type="button" class="plain small" onClick={() => act.check(session, failure)}>
          {whose === null ? "Check it here" : `Check here what ${whose} says`}
        </button>
      )}
      <details class="plain">
        <summary>Show the hash of the signed messages</summary>
        <p>
          <code class="long">{clean(failure.evidence ?? "", 64)}</code>
        </p>
      </details>
    </div>
  );
}

/** A key that heals says so, without a second end of its session. */
function Pending({ state, session }: { state: State; session: Session }) {
  const nameOf = namer(state.peers);
  const views = state.keyStates.get(`${session.curve} ${session.wallet}`);
  const active = [...(views ?? [])].filter(([, event]) => event.state === "active").map(([peer]) =>
    nameOf(peer)
  );
  if (keyOf(session, state)?.state === "active") {
    return <p role="status" class="good">✓ It has finished by itself since. The key can be used.</p>;
  }
  return active.length > 0 ? <p class="hint">Finished at {list(active)} so far.</p> : null;
}
