/**
 * Where a key is found by others: its public key, and the addresses that it has on networks of its scheme.
 * @module
 */
import { schemes } from "../../src/schemes/schemes.ts";
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

/** Of a key or of its child. What is no point of its scheme has no address. */
export function addressesOf(
  { scheme, publicKey }: Pick<GroupKey, "scheme" | "publicKey">,
): readonly Address[] {
  const key = { name: "Public key", text: publicKey.toHex(), what: "the public key" };
  try {
    const addresses = Object.entries(schemes[scheme].addressesOf(publicKey) ?? {});
    const lines = addresses.map(([network, text]) => {
      const name = network[0]!.toUpperCase() + network.slice(1);
      return { name, text, what: `the ${name} address` };
    });
    return [...lines, key];
  } catch {
    return [key]; // what a peer gossips may be no point
  }
}

/** As lines to look at and to copy; `brief` where there is little room. */
export function Addresses({ groupKey, act, brief }: {
  groupKey: Pick<GroupKey, "scheme" | "publicKey">;
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
