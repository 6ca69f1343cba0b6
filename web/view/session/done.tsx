/**
 * What a session that succeeded gave.
 * @module
 */
import { type ComponentChildren, Fragment } from "preact";
import type { Act } from "../../node/actions.ts";
import { hashNames } from "../../node/ask.ts";
import { statement } from "../../text/card.ts";
import { visible } from "../../../src/text/visible.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { curveNames, namer, short } from "../../text/names.ts";
import type { SignInput } from "../../node/node_port.ts";
import { keyOf } from "../../state/primary.ts";
import type { Session } from "../../state/sessions.ts";
import type { Summary } from "../../state/summary.ts";
import { Addresses, addressesOf } from "../addresses.tsx";
import { Copy } from "../parts.tsx";

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
  ed25519: {
    verified: "✓ Verified in this page by your browser's own Ed25519",
    wrong: "✗ Your browser's own Ed25519 says that this signature is wrong. Do not use it.",
    unsupported: "This browser cannot check it by itself; the node did.",
  },
  secp256k1: {
    verified: "✓ Verified in this page, under the key below",
    wrong: "✗ This page finds that this signature is wrong. Do not use it.",
    unsupported: "This page cannot check it; the node did.",
  },
} as const;

function Signed({ act, session }: Props) {
  const { outcome, asked } = session;
  const signature = outcome?.signature;
  if (!signature) {
    return <p class="hint">Signed. The signature went to whoever asked, and to nobody else.</p>;
  }
  const { verified } = outcome;
  const check = (
    <p class={verified === "verified" ? "good" : verified === "wrong" ? "problem" : "hint"}>
      {verified ? verdicts[signature.curve][verified] : "Being verified by your browser…"}
    </p>
  );
  const path = asked?.path ?? [];
  const wallet = `“${clean(session.wallet ?? "", 64)}”`;
  return (
    <dl>
      <What input={asked?.input ?? null} />
      <Bytes name="Signature" bytes={signature.bytes} what="the signature" act={act}>{check}</Bytes>
      {signature.curve === "secp256k1" && (
        <>
          <Bytes name="DER" bytes={signature.der} what="the DER form" act={act} />
          {signature.ethereum && (
            <Bytes
              name="For Ethereum"
              bytes={signature.ethereum}
              prefix="0x"
              what="Ethereum's form"
              act={act}
            >
              <p class="hint">r, s and v; recovery id {signature.recovery}.</p>
            </Bytes>
          )}
          <dt>Verifies under</dt>
          <dd>
            <p>{path.length > 0 ? `the child ${path.join("/")} of ${wallet}` : `the key of ${wallet}`}</p>
            <Addresses groupKey={signature} act={act} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** What was signed, as it can be read. */
function What({ input }: { input: SignInput | null }) {
  if (!input) return null;
  const made = input.hash && <p class="hint">{hashNames[input.hash]}</p>;
  return input.message
    ? (
      <>
        <dt>Message</dt>
        <dd>
          <p class="message">{preview(input.message)}</p>
          {made}
        </dd>
      </>
    )
    : (
      <>
        <dt>Digest</dt>
        <dd>
          <code class="long">{input.digest?.toHex()}</code>
          {made}
        </dd>
      </>
    );
}

function Bytes({ name, bytes, prefix = "", what, act, children }: {
  name: string;
  bytes: Uint8Array;
  prefix?: string;
  what: string;
  act: Act;
  children?: ComponentChildren;
}) {
  const text = prefix + bytes.toHex();
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code class="long">{text}</code>
        <Copy text={text} what={what} act={act} />
        {children}
      </dd>
    </>
  );
}

function Made({ state, act, session, summary: { party, resultHash } }: Props) {
  const key = keyOf(session, state);
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
    return clean(visible(text.replaceAll("\n", " ↵ ")), 160);
  } catch {
    return `0x${head.subarray(0, 64).toHex()}${message.length > 64 ? "…" : ""} (${message.length} bytes)`;
  }
}
