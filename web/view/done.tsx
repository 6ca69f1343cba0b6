/**
 * What a session that succeeded gave.
 * @module
 */
import type { Act } from "../actions.ts";
import { statement } from "../card.ts";
import { clean, visible } from "../clean.ts";
import type { State } from "../model.ts";
import { curveNames, namer, short } from "../names.ts";
import { keyOf } from "../primary.ts";
import type { Session } from "../sessions.ts";
import type { Summary } from "../summary.ts";
import { Copy } from "./parts.tsx";

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
      {session.kind === "sign" ? <Signed {...props} /> : <Made {...props} />}
      {others.length > 0 && !caught && (
        <div class="differ">
          <p>Views differ:</p>
          <ul>{others.map((end) => <li key={end.peer}>{statement(end, nameOf)}</li>)}</ul>
        </div>
      )}
    </div>
  );
}

const verdicts = {
  verified: "✓ Verified in this page by your browser's own Ed25519",
  wrong: "✗ Your browser's own Ed25519 says that this signature is wrong. Do not use it.",
  unsupported: "This browser cannot check it by itself; the node did.",
} as const;

function Signed({ act, session }: Props) {
  const { outcome, asked } = session;
  if (!outcome?.signature) {
    return <p class="hint">Signed. The signature went to whoever asked, and to nobody else.</p>;
  }
  const hex = outcome.signature.bytes.toHex();
  const message = asked?.message && preview(asked.message);
  return (
    <dl>
      {message !== undefined && (
        <>
          <dt>Message</dt>
          <dd>
            <p class="message">{message}</p>
          </dd>
        </>
      )}
      <dt>Signature</dt>
      <dd>
        <code class="long">{hex}</code> <Copy text={hex} what="the signature" act={act} />
        <p
          class={outcome.verified === "verified" ? "good" : outcome.verified === "wrong" ? "problem" : "hint"}
        >
          {outcome.verified ? verdicts[outcome.verified] : "Being verified by your browser…"}
        </p>
      </dd>
    </dl>
  );
}

function Made({ state, act, session, summary: { party, resultHash } }: Props) {
  const key = keyOf(session, state);
  const hex = key?.publicKey.toHex();
  const n = key?.members.length ?? party.length;
  return (
    <dl>
      {key && hex && (
        <>
          <dt>Public key</dt>
          <dd>
            <code class="long">{hex}</code> <Copy text={hex} what="the public key" act={act} />
          </dd>
        </>
      )}
      <dt>Held by</dt>
      <dd>
        <p>
          {n} of {n} hold a part{key ? `; any ${key.threshold} can sign with ${curveNames[key.curve]}` : ""}.
          {" "}
          {resultHash && <span class="data">certificate {short(clean(resultHash, 64), 4, 4)}</span>}
        </p>
      </dd>
    </dl>
  );
}

/** A message as it can be read: text if it is text, else hex; and never more than a line or two. */
export function preview(message: Uint8Array): string {
  if (message.length === 0) return "(empty)";
  const head = message.subarray(0, 256);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(message);
    return clean(visible(text), 160);
  } catch {
    return `0x${head.subarray(0, 64).toHex()}${message.length > 64 ? "…" : ""} (${message.length} bytes)`;
  }
}
