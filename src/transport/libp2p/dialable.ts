/**
 * The addresses that a node can dial.
 * @module
 */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

/** The protocols in a multiaddr that a node or a tab can dial. */
const ways = new Set(["ws", "wss", "webrtc-direct", "webrtc", "p2p-circuit"]);

/** The reason why no node can dial an address of `peer`, for a person; null if it can be dialled. */
export function undialable(address: string, peer: string): string | null {
  let parsed: Multiaddr;
  try {
    parsed = multiaddr(address);
  } catch {
    return "it is no multiaddr, which looks like /ip4/192.0.2.1/tcp/4001/ws or /dns4/node.example.org/tcp/443/wss";
  }
  const parts = parsed.getComponents();
  if (!parts.some(({ name }) => ways.has(name))) return "it is not a WebSocket's: it has no /ws or /wss";
  const named = parts.findLast(({ name }) => name === "p2p")?.value;
  return named === undefined || named === peer ? null : `it is one of another peer, ${named}`;
}
