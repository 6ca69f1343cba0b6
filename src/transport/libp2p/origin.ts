/**
 * The origin of a connection, by which connections are counted.
 * @module
 */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

/** Bytes of an IPv6 network that a provider gives to one customer: a /64. */
const ownNetwork = 8;
/** The prefix of an IPv6 address that maps an IPv4 address, in hex. */
const mapped = "00000000000000000000ffff";

/** An IPv4 address, or an IPv6 network of 64 bits; null if libp2p gives neither, as in a tab. */
export function originOf(address: Multiaddr): string | null {
  const found = address.getComponents().find(({ name }) => name === "ip4" || name === "ip6");
  if (found?.value === undefined) return null;
  if (found.name === "ip4") return found.value;
  const bytes = multiaddr(`/ip6/${found.value}`).bytes.slice(1); // after the protocol's code
  return bytes.toHex().startsWith(mapped)
    ? bytes.slice(12).join(".")
    : `${bytes.slice(0, ownNetwork).toHex()}/64`;
}
