/**
 * The addresses under which others know a key, by network, and its public key.
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
  /** The address as the button for copying calls it. */
  what: string;
}

/** The addresses of a key or a child key. A key that is not a point of its curve has none. */
export function addressesOf(
  { scheme, publicKey }: Pick<GroupKey, "scheme" | "publicKey">,
): readonly Address[] {
  const key = { name: "Public key", text: publicKey.toHex(), what: "the public key" };
  try {
    const addresses = Object.entries(schemes[scheme].addressesOf(publicKey));
    const lines = addresses.map(([network, text]) => {
      const name = network[0]!.toUpperCase() + network.slice(1);
      return { name, text, what: `the ${name} address` };
    });
    return [...lines, key];
  } catch {
    return [key]; // a peer may gossip a key that is not a point of its curve
  }
}

/** The addresses as lines to copy; shortened if `brief`. */
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
