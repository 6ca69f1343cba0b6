/**
 * The card of a failure: what happened, who did it, is my key safe, what now.
 * @module
 */
import { useState } from "preact/hooks";
import type { Failure, SessionId } from "../../../src/events.ts";
import { failures } from "../../../src/failure.ts";
import type { Act, Refusal } from "../../node/actions.ts";
import { type Advice, advise, type FormAdvice } from "../../state/advice.ts";
import { forbidsPair } from "../../state/forbidden_pairs.ts";
import { cardText, proofText } from "../../text/card.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { list, type NameOf, namer, withEpoch } from "../../text/names.ts";
import { adviceInputOf, canSign, keyOf, madeKey } from "../../state/primary.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { Command } from "../reshare/change.tsx";
import { outlookSentence } from "./refusing.tsx";

export interface CardProps {
  state: State;
  act: Act;
  session: Session;
  summary: Summary & { failure: Failure };
  /** Whether its first button is the page's primary one. */
  main: boolean;
  onForm: (advice: FormAdvice) => void;
}

export function FailureCard({ state, act, session, summary, main, onForm }: CardProps) {
  const nameOf = namer(state.peers);
  const made = madeKey(session, summary, state) !== null;
  const text = cardText(summary, nameOf, { self: state.self, made, offline: session.offline === true });
  const { failure } = summary;
  const advice = advise(session, summary, adviceInputOf(session, state));
  const accusations = [failure, ...summary.differing].filter((end): end is Failure =>
    end.type === "failed" && failures[end.code].names === "culprits" && end.evidence !== undefined
  );
  const key = keyOf(session, state);
  // A forbidden pair is advised to sign with others, but there may be no others.
  const stuck =
    key && isAboutPair(failure) && advice.every((one) => one.do !== "sign") && !canSign(key, state)
      ? outlookSentence(key, state)
      : null;
  const [refusal, setRefusal] = useState<Refusal>(null);
  const press = (one: Advice) =>
    one.do === "form" || one.do === "holders" ? onForm(one) : setRefusal(act.follow(session, one));
  const byCommand = advice.find((one) => one.do === "holders");
  return (
    <div class="card" data-code={failure.code}>
      <p class="what">{text.what}</p>
      <dl>
        <dt>Who</dt>
        <dd>
          {text.who.map((line) => <p key={line}>{line}</p>)}
          {text.differ.length > 0 && (
            <div class="differ">
              <p>The peers' reports differ:</p>
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
          {failure.code === "wallet-pending" && (
            <Pending state={state} session={session} made={summary.attempt?.session ?? null} />
          )}
          {!session.request && <p class="hint">Another peer asked for this; it can ask again.</p>}
          {advice.length > 0 && (
            <div class="buttons">
              {advice.map((one, i) => (
                <button
                  key={one.label}
                  type="button"
                  class={main && i === 0
                    ? "primary"
                    : one.do === "form" || one.do === "holders"
                    ? "quiet"
                    : "plain"}
                  onClick={() => press(one)}
                >
                  {one.label}
                </button>
              ))}
            </div>
          )}
          {byCommand && <Command choice={byCommand.choice} state={state} />}
          {refusal && <p class="problem" role="alert">{clean(refusal.message, 200)}</p>}
        </dd>
      </dl>
    </div>
  );
}

/** Whether a failure is about a pair that must not sign together. */
const isAboutPair = ({ code, claims }: Failure) =>
  code === "invalid-multiplication" || forbidsPair({ code }) || claims.some(forbidsPair);

/** The sentence on what to do; if a button already says it, the sentence names the peers that can sign. */
function nextSentence(next: string, advice: readonly Advice[], nameOf: NameOf): string {
  const button = advice.find((one) => `${one.label}.` === next);
  if (button?.do !== "sign" || !button.signers) return next;
  return `${list(button.signers.map(nameOf))} can sign without ${list(button.without.map(nameOf))}.`;
}

interface EvidenceProps {
  session: Session;
  failure: Failure;
  act: Act;
  /** The name of the accuser, who has the messages. */
  by: string;
  /** The accuser's name if there are several accusers, else null. */
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

/** The progress of a pending key that becomes active later, without a second end of its session. */
function Pending({ state, session, made }: { state: State; session: Session; made: SessionId | null }) {
  const nameOf = namer(state.peers);
  const reported = made === null ? undefined : state.keyStates.get(made);
  const active = [...(reported ?? [])].filter(([, event]) => event.state === "active").map(([peer]) =>
    nameOf(peer)
  );
  const key = session.kind === "reshare" ? withEpoch(state.keys ?? [], made ?? "") : keyOf(session, state);
  if (key?.state === "active") {
    return (
      <p role="status" class="good">✓ It has finished by itself in the meantime. The key can be used.</p>
    );
  }
  return active.length > 0 ? <p class="hint">Finished at {list(active)} so far.</p> : null;
}
