/**
 * The result of a session that succeeded.
 * @module
 */
import { Fragment } from "preact";
import type { Act } from "../../node/actions.ts";
import { statement } from "../../text/card.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { list, namer, rosterOrder, short } from "../../text/names.ts";
import { schemeTexts } from "../../text/schemes.ts";
import { keyOf } from "../../state/primary.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { addressesOf } from "../addresses.tsx";
import { Copy } from "../parts.tsx";
import { Signed } from "./signed.tsx";
import { SignedBatch } from "./signed_batch.tsx";

interface Props {
  state: State;
  act: Act;
  session: Session;
  summary: Summary;
}

export function Done(props: Props) {
  const { state, session, summary: { differing, failure, caught } } = props;
  const nameOf = namer(state.peers);
  const others = failure ? [failure, ...differing.filter((end) => end !== failure)] : differing;
  return (
    <div class="result">
      {session.kind === "sign" ? <Signatures {...props} /> : <Made {...props} />}
      {others.length > 0 && !caught && (
        <div class="differ">
          <p>The peers' reports differ:</p>
          <ul>{others.map((end) => <li key={end.peer}>{statement(end, nameOf)}</li>)}</ul>
        </div>
      )}
    </div>
  );
}

/** The signatures of a session, if this page asked for them. */
function Signatures({ act, session, summary: { items } }: Props) {
  const { outcome, request } = session;
  const [signature] = outcome?.signatures ?? [];
  if (!outcome || !signature) {
    const what = items > 1 ? `the ${items} signatures` : "the signature";
    return <p class="hint">Signed. Only the peer that asked received {what}.</p>;
  }
  const inputs = request?.items ?? [];
  const about = { wallet: `“${clean(session.wallet ?? "", 64)}”`, verdict: outcome.verified, act };
  return inputs.length > 1
    ? <SignedBatch {...about} items={inputs} signatures={outcome.signatures} />
    : <Signed {...about} item={inputs[0] ?? null} signature={signature} />;
}

function Made({ state, act, session, summary: { party, resultHash } }: Props) {
  const key = keyOf(session, state);
  const reshared = session.kind === "reshare" && key !== null;
  const n = key?.members.length ?? party.length;
  return (
    <dl>
      {key && addressesOf(key).map(({ name, text, what }) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <code class="long">{text}</code> <Copy text={text} what={what} act={act} />
          </dd>
        </Fragment>
      ))}
      <dt>Held by</dt>
      <dd>
        {reshared && (
          <p>
            {list(rosterOrder(key.members, state.peers).map(namer(state.peers)))}, since epoch{" "}
            {key.epoch}. The key and its addresses are the same.
          </p>
        )}
        <p>
          {n} of {n}{" "}
          hold a part{key ? `; any ${key.threshold} can sign with ${schemeTexts[key.scheme].name}` : ""}.{" "}
          {resultHash && <span class="data">certificate {short(clean(resultHash, 64), 4, 4)}</span>}
        </p>
      </dd>
    </dl>
  );
}
