/**
 * The result of a session that succeeded.
 * @module
 */
import { type ComponentChildren, Fragment } from "preact";
import type { Act } from "../../node/actions.ts";
import { hashNames } from "../../text/sign_input.ts";
import { statement } from "../../text/card.ts";
import { visible } from "../../../src/text/visible.ts";
import { clean } from "../../text/clean.ts";
import type { State } from "../../state/model.ts";
import { namer, short } from "../../text/names.ts";
import { schemeTexts } from "../../text/schemes.ts";
import type { Signature, SignInput } from "../../node/node_port.ts";
import { schemes, signFields } from "../../../src/schemes/schemes.ts";
import { keyOf } from "../../state/primary.ts";
import type { OwnRequest, Session } from "../../state/sessions.ts";
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
          <p>The peers' reports differ:</p>
          <ul>{others.map((end) => <li key={end.peer}>{statement(end, nameOf)}</li>)}</ul>
        </div>
      )}
    </div>
  );
}

function Signed({ act, session }: Props) {
  const { outcome, request } = session;
  const signature = outcome?.signature;
  if (!signature) {
    return <p class="hint">Signed. Only the peer that asked received the signature.</p>;
  }
  const { verified } = outcome;
  const check = (
    <p class={verified === "verified" ? "good" : verified === "wrong" ? "problem" : "hint"}>
      {verified ? schemeTexts[signature.scheme].checked[verified] : "Your browser is verifying it…"}
    </p>
  );
  const wallet = `“${clean(session.wallet ?? "", 64)}”`;
  return (
    <dl>
      <Input input={request?.input ?? null} />
      <Bytes name="Signature" bytes={signature.bytes} what="the signature" act={act}>{check}</Bytes>
      {request?.input && <Options signature={signature} input={request.input} />}
      {"der" in signature && (
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
        </>
      )}
      {schemeTexts[signature.scheme].children && (
        <>
          <dt>Verifies under</dt>
          <dd>
            <p>{verifiesUnder(request, wallet)}</p>
            <Addresses groupKey={signature} act={act} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** The key that the signature verifies under: the key, its child, or the Taproot output of one of them. */
function verifiesUnder(request: OwnRequest | null, wallet: string): string {
  const { path = [], input } = request ?? {};
  const key = path.length > 0 ? `the child ${path.join("/")} of ${wallet}` : `the key of ${wallet}`;
  return input && "merkleRoot" in input && input.merkleRoot ? `the Taproot output of ${key}` : key;
}

/** The options of the signature. */
function Options({ signature: { scheme, publicKey }, input }: { signature: Signature; input: SignInput }) {
  const { options } = signFields(scheme, input);
  return schemeTexts[scheme].options(schemes[scheme].optionsOf(options), publicKey).map(({ label, text }) => (
    <Fragment key={label}>
      <dt>{label}</dt>
      <dd>
        <code class="long">{text}</code>
      </dd>
    </Fragment>
  ));
}

/** The signed input as it can be read. */
function Input({ input }: { input: SignInput | null }) {
  if (!input) return null;
  const hash = input.hash && <p class="hint">{hashNames[input.hash]}</p>;
  return input.message
    ? (
      <>
        <dt>Message</dt>
        <dd>
          <p class="message">{preview(input.message)}</p>
          {hash}
        </dd>
      </>
    )
    : (
      <>
        <dt>Digest</dt>
        <dd>
          <code class="long">{input.digest?.toHex()}</code>
          {hash}
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
          {n} of {n}{" "}
          hold a part{key ? `; any ${key.threshold} can sign with ${schemeTexts[key.scheme].name}` : ""}.{" "}
          {resultHash && <span class="data">certificate {short(clean(resultHash, 64), 4, 4)}</span>}
        </p>
      </dd>
    </dl>
  );
}

/** A message in a line or two: as text if it is text, else as hex. */
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
