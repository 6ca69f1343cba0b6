/**
 * Which addresses a node can dial.
 * @module
 */
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";

/** What one of these is in, a node or a tab of ours knows a way to. */
const ways = new Set(["ws", "wss", "webrtc-direct", "webrtc", "p2p-circuit"]);

/** Why no node of ours can dial an address of `peer`, or null if one can. */
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
