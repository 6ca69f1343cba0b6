/**
 * The signatures of a batch: one verdict, what all of them have in common, and each of them in order.
 * @module
 */
import type { Act } from "../../node/actions.ts";
import type { ItemInput, Signature } from "../../node/node_port.ts";
import type { Verdict } from "../../state/sessions.ts";
import { schemeTexts } from "../../text/schemes.ts";
import { hashNames } from "../../text/sign_input.ts";
import { signatureLines, signaturesFile } from "../../text/signatures_file.ts";
import { Addresses } from "../addresses.tsx";
import { Aside, Copy } from "../parts.tsx";
import { Check, Content, Forms, OptionLines, optionLines, verifiesUnder } from "./signed.tsx";

/** A longer list is folded: it has a button to press for each signature. */
const unfolded = 16;

export interface Batch {
  /** The name of the wallet in quotes. */
  wallet: string;
  items: readonly ItemInput[];
  signatures: readonly Signature[];
  verdict: Verdict | null;
  act: Act;
}

export function SignedBatch({ wallet, items, signatures, verdict, act }: Batch) {
  const [first] = items;
  const [one] = signatures;
  if (!first || !one) return null;
  const count = signatures.length;
  const hash = items.every((item) => item.hash === first.hash) ? first.hash : undefined;
  const isOneKey = signatures.every(({ publicKey }) => publicKey.toHex() === one.publicKey.toHex());
  return (
    <>
      <dl>
        <dt>Signed</dt>
        <dd>
          <p>{count} items, in the order of the request</p>
          <Check scheme={one.scheme} verdict={verdict} count={count} />
          <div class="buttons">
            <Copy
              text={signatureLines(signatures)}
              what={`all ${count} signatures`}
              label="Copy all"
              act={act}
            />
            <button
              type="button"
              class="quiet small"
              onClick={() => act.save("signatures.json", signaturesFile(items, signatures))}
            >
              Download<Aside>all {count} signatures with their items as JSON</Aside>
            </button>
          </div>
        </dd>
        {hash && (
          <>
            <dt>Hash</dt>
            <dd>{hashNames[hash]}</dd>
          </>
        )}
        {isOneKey && <OptionLines lines={optionLines(first, one)} />}
        {isOneKey && schemeTexts[one.scheme].children && (
          <>
            <dt>Verify under</dt>
            <dd>
              <p>{verifiesUnder(first, wallet)}</p>
              <Addresses groupKey={one} act={act} />
            </dd>
          </>
        )}
      </dl>
      <details class="plain" open={count <= unfolded}>
        <summary>The {count} signatures</summary>
        <ol class="items scrolled" role="list" aria-label={`The ${count} signatures, in order`}>
          {signatures.map((signature, i) => (
            <Item
              key={i}
              {...{ wallet, signature, act, isOneKey, count }}
              item={items[i]}
              number={i + 1}
              wrong={verdict?.wrong.includes(i) ?? false}
              hash={hash === undefined}
            />
          ))}
        </ol>
      </details>
    </>
  );
}

function Item({ wallet, item, signature, number, count, isOneKey, wrong, hash, act }: {
  wallet: string;
  item: ItemInput | undefined;
  signature: Signature;
  number: number;
  count: number;
  /** Whether all items are signed by one key, which is shown above. */
  isOneKey: boolean;
  wrong: boolean;
  /** Whether to name the hash here, because items have different ones. */
  hash: boolean;
  act: Act;
}) {
  return (
    <li class="item" data-wrong={wrong || undefined}>
      <p class="number">
        {number}
        <Aside>of {count}</Aside>
      </p>
      <div class="of">
        {item && <Content item={item} />}
        {item && !isOneKey && (
          <p class="hint">
            {verifiesUnder(item, wallet)}: <code>{signature.publicKey.toHex()}</code>
          </p>
        )}
        {hash && item?.hash && <p class="hint">{hashNames[item.hash]}</p>}
        {wrong && <p class="problem">✗ This signature is wrong.</p>}
        <p class="bytes">
          <code class="long">{signature.bytes.toHex()}</code>
          <Copy text={signature.bytes.toHex()} what={`signature ${number}`} act={act} />
        </p>
        {"der" in signature && (
          <details class="plain">
            <summary>
              Other forms<Aside>of signature {number}</Aside>
            </summary>
            <dl>
              <Forms signature={signature} act={act} of={` of signature ${number}`} />
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}
