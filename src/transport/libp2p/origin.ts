/**
 * Where a connection comes from, as far as that can be counted.
 * @module
 */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

/** The bytes of an IPv6 address that a provider gives to one customer as a whole: a /64. */
const ownNetwork = 8;
/** What an IPv4 address is behind in one of IPv6. */
const mapped = "00000000000000000000ffff";

/** An IPv4 address, or an IPv6 network of 64 bits; null where libp2p names neither, as in a tab. */
export function originOf(address: Multiaddr): string | null {
  const found = address.getComponents().find(({ name }) => name === "ip4" || name === "ip6");
  if (found?.value === undefined) return null;
  if (found.name === "ip4") return found.value;
  const bytes = multiaddr(`/ip6/${found.value}`).bytes.slice(1); // after the protocol's code
  return bytes.toHex().startsWith(mapped)
    ? bytes.slice(12).join(".")
    : `${bytes.slice(0, ownNetwork).toHex()}/64`;
}
