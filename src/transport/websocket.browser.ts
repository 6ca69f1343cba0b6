/**
 * WebSockets from a tab: it dials and is not dialled.
 * @module
 */
import { webSockets } from "@libp2p/websockets";
import type { Transport } from "../ports.ts";
import { startNode } from "./libp2p/libp2p.ts";

/** A transport for pages. The peers that it dials must listen on WebSockets; nobody can dial it. */
export function webSocketsFromTab(): Transport {
  return { kind: "websocket", start: (host) => startNode(host, { transports: [webSockets()] }) };
}
