/**
 * One signature: its input, its forms, and the key that it verifies under.
 * @module
 */
import { type ComponentChildren, Fragment } from "preact";
import { itemOf, schemes } from "../../../src/schemes/schemes.ts";
import type { Act } from "../../node/actions.ts";
import type { ItemInput, Signature } from "../../node/node_port.ts";
import type { Verdict } from "../../state/sessions.ts";
import { preview } from "../../text/preview.ts";
import { checkedText, type OptionLine, schemeTexts } from "../../text/schemes.ts";
import { hashNames } from "../../text/sign_input.ts";
import { Addresses } from "../addresses.tsx";
import { Copy } from "../parts.tsx";

export function Signed({ wallet, item, signature, verdict, act }: {
  /** The name of the wallet in quotes. */
  wallet: string;
  /** Null if this page no longer has it. */
  item: ItemInput | null;
  signature: Signature;
  verdict: Verdict | null;
  act: Act;
}) {
  return (
    <dl>
      <Input item={item} />
      <Bytes name="Signature" bytes={signature.bytes} what="the signature" act={act}>
        <Check scheme={signature.scheme} verdict={verdict} count={1} />
      </Bytes>
      {item && <OptionLines lines={optionLines(item, signature)} />}
      <Forms signature={signature} act={act} />
      {schemeTexts[signature.scheme].children && (
        <>
          <dt>Verifies under</dt>
          <dd>
            <p>{verifiesUnder(item, wallet)}</p>
            <Addresses groupKey={signature} act={act} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** The result of this page's check of the signatures. */
export function Check({ scheme, verdict, count }: {
  scheme: Signature["scheme"];
  verdict: Verdict | null;
  count: number;
}) {
  const tone = verdict?.is === "verified" ? "good" : verdict?.is === "wrong" ? "problem" : "hint";
  return <p class={tone}>{checkedText(scheme, verdict, count)}</p>;
}

/** The other forms of an ECDSA signature. */
export function Forms({ signature, act, of = "" }: {
  signature: Signature;
  act: Act;
  /** The item that it belongs to, for the names of the buttons. */
  of?: string;
}) {
  if (!("der" in signature)) return null;
  const { der, ethereum, recovery } = signature;
  return (
    <>
      <Bytes name="DER" bytes={der} what={`the DER form${of}`} act={act} />
      {ethereum && (
        <Bytes name="For Ethereum" bytes={ethereum} prefix="0x" what={`Ethereum's form${of}`} act={act}>
          <p class="hint">r, s and v; recovery id {recovery}.</p>
        </Bytes>
      )}
    </>
  );
}

/** The key that a signature verifies under: the key, its child, or the Taproot output of one of them. */
export function verifiesUnder(item: ItemInput | null, wallet: string): string {
  const path = item?.path ?? [];
  const key = path.length > 0 ? `the child ${path.join("/")} of ${wallet}` : `the key of ${wallet}`;
  return item && "merkleRoot" in item && item.merkleRoot ? `the Taproot output of ${key}` : key;
}

/** The options of a signature, and what they make of the key. */
export function optionLines(item: ItemInput, { scheme, publicKey }: Signature): readonly OptionLine[] {
  const { options } = itemOf(scheme, item);
  return schemeTexts[scheme].options(schemes[scheme].optionsOf(options), publicKey);
}

export function OptionLines({ lines }: { lines: readonly OptionLine[] }) {
  return lines.map(({ label, text }) => (
    <Fragment key={label}>
      <dt>{label}</dt>
      <dd>
        <code class="long">{text}</code>
      </dd>
    </Fragment>
  ));
}

/** The signed input as it can be read. */
function Input({ item }: { item: ItemInput | null }) {
  if (!item) return null;
  return (
    <>
      <dt>{item.message ? "Message" : "Digest"}</dt>
      <dd>
        <Content item={item} />
        {item.hash && <p class="hint">{hashNames[item.hash]}</p>}
      </dd>
    </>
  );
}

/** A message in a line or two, or a digest. */
export function Content({ item }: { item: ItemInput }) {
  return item.message
    ? <p class="message">{preview(item.message)}</p>
    : <code class="long">{item.digest?.toHex()}</code>;
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
