/**
 * WebSockets in Deno, Node and Bun, with four fixes to libp2p. None of them leaves a global changed, neither the import
 * nor `start`.
 *
 * 1. Deno's own WebSocket client leaves Nagle's algorithm on (44 ms for each small message): `ws` dials
 *    instead.
 * 2. mortice, the lock in libp2p's peer store, opens a BroadcastChannel that Deno cannot unref, so that the
 *    process would never end. A node is one process: its first lock gets an inert channel, which all later
 *    ones share.
 * 3. libp2p's listener does not handle errors of its sockets, so that one malformed WebSocket frame from
 *    anyone ends the process; keeps silent sockets for ever; accepts messages of 100 MiB from unauthenticated
 *    peers; and closes aborted connections with code 1006, which `ws` rejects, so that the socket stays open.
 *    Our sockets avoid all four.
 * 4. The listener waits for a `close` of its HTTP server, which Bun (1.4.5) does not emit for a server that was handed its
 *    sockets and has never listened: a node would never stop. It is emitted for it; the sockets' own server is waited
 *    for as before.
 *
 * Fixes 1, 3 and 4 depend on internals of @libp2p/websockets 10.1.21, fix 2 on mortice 3.3.1; this file's tests
 * measure the effect of each.
 * @module
 */
import { getCiphers } from "node:crypto";
import type { Server } from "node:net";
import { webSockets as libp2pWebSockets } from "@libp2p/websockets";
import type { CreateListenerOptions, Listener, Transport as Libp2pTransport } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { multiaddrToUri } from "@multiformats/multiaddr-to-uri";
import createMortice from "mortice";
import { WebSocket as Client } from "ws";
import { InputError } from "../errors.ts";
import type { Transport } from "../ports.ts";
import { startNode } from "./libp2p/libp2p.ts";
import { noiseCrypto } from "./libp2p/noise_crypto.ts";
import { relayService } from "./libp2p/relay.ts";
import { checkWebRtc, type WebRtc } from "./webrtc/webrtc.ts";

/** The most bytes of a WebSocket message: libp2p sends one noise message of at most 64 KiB in each. */
const maxPayload = 256 * 1024;

/** The longest silence before the HTTP upgrade is done, ms. libp2p gives a dial 6 s with noise and yamux. */
const openTimeout = 5_000;

/** The options of {@linkcode webSockets}. */
export interface WebSocketOptions {
  /** Multiaddrs to listen on: `/ip4/127.0.0.1/tcp/4001/ws`. Port 0 takes a free port. */
  listen: string[];
  /** Multiaddrs to announce instead, if this node is behind a proxy or a router. */
  announce?: string[];
  /**
   * Whether this node is a relay over which peers that cannot be dialled are reached, and negotiate WebRTC.
   */
  relay?: boolean;
  /**
   * WebRTC: `webrtc()` of `@quorate/quorate/webrtc`. Others then reach this node at the WebRTC-direct address in `listen`,
   * or at a free port if there is none, and over relays. Default: none.
   */
  webrtc?: WebRtc;
}

/** The default address of WebRTC-direct. */
const anyDirect = "/ip4/0.0.0.0/udp/0/webrtc-direct";

/**
 * A transport for Deno: dials and listens on WebSockets. Needs `--allow-net` for its addresses and
 * `--allow-env`; on `0.0.0.0` also `--allow-sys=networkInterfaces`.
 *
 * Its `start` throws an {@linkcode InputError} if it cannot listen.
 *
 * @throws {InputError} `listen` or `webrtc`
 */
export function webSockets(
  { listen, announce = [], relay = false, webrtc }: WebSocketOptions,
): Transport {
  for (const address of announce) parsed(address);
  for (const address of listen) checkListen(address);
  checkWebRtc(webrtc);
  return {
    kind: "websocket",
    async start(host) {
      primeLocks();
      const opened = await webrtc?.open(host, listen) ?? null;
      const direct = opened !== null && !listen.some((address) => address.includes("/webrtc-direct"));
      try {
        return await startNode(host, {
          transports: [transport],
          listen: direct ? [...listen, anyDirect] : listen,
          announce,
          reserve: opened !== null || listen.length === 0,
          webrtc: opened,
          crypto: noiseCrypto(getCiphers()),
          ...relay && { relay: relayService },
        });
      } catch (cause) {
        if (!(cause instanceof Error) || cause.name !== "UnsupportedListenAddressesError") throw cause;
        const reason = reasonOf(cause.message, listen);
        throw new InputError("listen", reason, { cause, code: listenCode(reason) });
      }
    },
  };
}

/** The used part of `ws`, which has no types of its own. */
interface WsSocket {
  binaryType: string;
  close(code?: number, reason?: string): void;
  terminate(): void;
  on(event: "open" | "error", listener: (error: Error) => void): void;
}
type WsInit = [url: string | null, protocols: string[] | undefined, options: Record<string, unknown>];
const Ws: new (...init: WsInit) => WsSocket = Client;

class Socket extends Ws {
  constructor(...init: WsInit) {
    super(...init);
    // An unhandled error ends the process, and any client can cause one by a malformed frame.
    this.on("error", () => this.terminate());
  }

  /** Closes the socket. libp2p's code 1006 means: at once, without a closing handshake. */
  override close(code?: number, reason?: string): void {
    if (code === 1006) this.terminate();
    else super.close(code, reason);
  }
}

/** The used part of @libp2p/websockets that its types do not declare. */
interface Inner extends Libp2pTransport {
  _connect(address: Multiaddr, options: { signal?: AbortSignal }): Promise<WebSocket>;
}
interface InnerListener extends Listener {
  server: Server;
  /** Takes the sockets of `server`, and has never listened itself; only while it listens. */
  http?: Pick<Server, "emit">;
  wsServer: { options: { maxPayload: number; WebSocket: typeof Socket } };
}

function transport(components: Parameters<ReturnType<typeof libp2pWebSockets>>[0]): Libp2pTransport {
  const inner = libp2pWebSockets()(components) as Inner;
  inner._connect = connect;
  const createListener = inner.createListener.bind(inner);
  inner.createListener = (options: CreateListenerOptions) => {
    const listener = createListener(options) as InnerListener;
    Object.assign(listener.wsServer.options, { maxPayload, WebSocket: Socket });
    listener.server.on("connection", (socket) => socket.setTimeout(openTimeout, () => socket.destroy()));
    const close = listener.close.bind(listener);
    listener.close = () => {
      const closed = close();
      listener.http?.emit("close");
      return closed;
    };
    return listener;
  };
  return inner;
}

async function connect(address: Multiaddr, { signal }: { signal?: AbortSignal }): Promise<WebSocket> {
  signal?.throwIfAborted();
  const socket = new Socket(multiaddrToUri(address), [], {
    handshakeTimeout: openTimeout,
    maxPayload,
    perMessageDeflate: false, // the content is encrypted
  });
  socket.binaryType = "arraybuffer";
  const opened = Promise.withResolvers<void>();
  const giveUp = () => socket.terminate();
  socket.on("error", opened.reject);
  socket.on("open", () => opened.resolve());
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await opened.promise;
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
  return socket as unknown as WebSocket; // libp2p uses only members that both classes have
}

let primed = false;

function primeLocks(): void {
  if (primed) return;
  primed = true;
  const real = Object.getOwnPropertyDescriptor(globalThis, "BroadcastChannel")!;
  class Inert extends EventTarget {
    close() {}
    postMessage() {}
  }
  Object.defineProperty(globalThis, "BroadcastChannel", { configurable: true, value: Inert });
  try {
    createMortice({ name: "quorate", singleProcess: true }).finalize();
  } finally {
    Object.defineProperty(globalThis, "BroadcastChannel", real);
  }
}

/**
 * Checks an address to listen on. TLS is refused: a node has no certificate for a domain name.
 *
 * @throws {InputError}
 */
function checkListen(address: string): void {
  const secure = parsed(address).getComponents().find(({ name }) => name === "wss" || name === "tls");
  if (secure === undefined) return;
  throw new InputError(
    "listen",
    `expected an address without TLS, found ${address}: serving ${secure.name} takes a proxy before the node, ` +
      "whose address goes into “announce” (docs/operating.md, “Reaching it from outside”)",
  );
}

function parsed(address: string): Multiaddr {
  try {
    return multiaddr(address);
  } catch (cause) {
    throw new InputError("listen", `expected a multiaddr like /ip4/127.0.0.1/tcp/4001/ws, found ${address}`, {
      cause,
    });
  }
}

const listenCode = (reason: string) => reason.endsWith("in use") ? "in-use" as const : "unreadable" as const;

/** The reason why listening failed, from libp2p's one long message about all addresses. */
function reasonOf(text: string, listen: readonly string[]): string {
  const address = listen.find((one) => text.includes(`${one}:`)) ?? listen.join(", ");
  if (/EADDRINUSE|AddrInUse/i.test(text)) return `cannot listen on ${address}: the port is in use`;
  if (/EACCES|PermissionDenied|NotCapable/i.test(text)) return `cannot listen on ${address}: not permitted`;
  return `cannot listen on ${address}: not an address of this machine, or not a WebSocket's`;
}
