/**
 * Where a key is found by others: its public key, and on secp256k1 the addresses that it has.
 * @module
 */
import { bitcoinAddress, ethereumAddress } from "../../src/node/verify.ts";
import type { Act } from "../node/actions.ts";
import { short } from "../text/names.ts";
import type { GroupKey } from "../node/node_port.ts";
import { Copy } from "./parts.tsx";

interface Address {
  name: string;
  text: string;
  /** For the button that copies it. */
  what: string;
}

/** Of a key or of its child. What is no point of its curve has no address. */
export function addressesOf({ curve, publicKey }: Pick<GroupKey, "curve" | "publicKey">): readonly Address[] {
  const key = { name: "Public key", text: publicKey.toHex(), what: "the public key" };
  if (curve !== "secp256k1") return [key];
  try {
    return [
      { name: "Bitcoin", text: bitcoinAddress(publicKey), what: "the Bitcoin address" },
      { name: "Ethereum", text: ethereumAddress(publicKey), what: "the Ethereum address" },
      key,
    ];
  } catch {
    return [key]; // what a peer gossips may be no point
  }
}

/** As lines to look at and to copy; `brief` where there is little room. */
export function Addresses({ groupKey, act, brief }: {
  groupKey: Pick<GroupKey, "curve" | "publicKey">;
  act: Act;
  brief?: true;
}) {
  return (
    <dl class="addresses">
      {addressesOf(groupKey).map(({ name, text, what }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <code title={text}>{brief ? short(text, 6, 6) : text}</code>
            <Copy text={text} what={what} act={act} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
