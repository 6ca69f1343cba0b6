/**
 * WebSockets in Deno, which needs three things said to libp2p. None of them changes a global: not at import, and after
 * `start` everything is as it was.
 *
 * 1. Deno's own WebSocket client leaves Nagle's algorithm on (44 ms for each small message): `ws` dials instead.
 * 2. mortice, the lock in libp2p's peer store, opens a BroadcastChannel that Deno cannot unref, so that the process
 *    would never end. A node is one process: its first lock gets an inert channel, which all later ones share.
 * 3. libp2p's listener does not listen to errors of its sockets, so that one malformed WebSocket frame from anyone ends
 *    the process; keeps sockets that say nothing; takes messages of 100 MiB before it knows whose they are; and closes
 *    aborted connections with code 1006, which `ws` rejects, so that the socket stays open. Ours know better.
 *
 * The first two rely on inner ways of @libp2p/websockets 10.1.21 and mortice 3.3.1, the third on the former; the tests
 * of this file measure what each is for.
 * @module
 */
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
import { relayService } from "./libp2p/relay.ts";

/** libp2p sends at most a noise message of 64 KiB in one WebSocket message. */
const maxPayload = 256 * 1024;

/** Silence before the HTTP upgrade is done. libp2p gives an address 6 s for all, with noise and yamux. */
const openTimeout = 5_000;

/** Where to listen, and what to tell others. */
export interface WebSocketOptions {
  /** Multiaddrs: `/ip4/127.0.0.1/tcp/4001/ws`. Port 0 takes a free one. */
  listen: string[];
  /** Multiaddrs that others are told instead, if this node is behind something. */
  announce?: string[];
  /** Whether peers of the roster that cannot be dialled are reached over this one, and agree over it on WebRTC. */
  relay?: boolean;
  /**
   * Whether others may reach it by WebRTC: at the WebRTC-direct address in `listen`, or one of its own choosing; and over
   * relays. Needs also `--allow-read=node_modules --allow-ffi=node_modules --allow-sys`.
   */
  webrtc?: boolean;
}

/** Where WebRTC-direct listens unless told otherwise. */
const anyDirect = "/ip4/0.0.0.0/udp/0/webrtc-direct";

/**
 * A transport for Deno: dials and listens on WebSockets. Needs `--allow-net` for its addresses and `--allow-env`; on
 * `0.0.0.0` also `--allow-sys=networkInterfaces`.
 *
 * Its `start` throws an {@linkcode InputError} if it cannot listen.
 */
export function webSockets(
  { listen, announce = [], relay = false, webrtc = false }: WebSocketOptions,
): Transport {
  for (const address of announce) parsed(address);
  for (const address of listen) checkListen(address);
  return {
    kind: "websocket",
    async start(host) {
      primeLocks();
      // Loaded only where it is wanted: it brings native code.
      const rtc = webrtc ? await (await import("./webrtc/webrtc.deno.ts")).openWebRtc(host, listen) : null;
      const direct = webrtc && !listen.some((address) => address.includes("/webrtc-direct"));
      try {
        return await startNode(host, {
          transports: [transport, ...rtc?.transports ?? []],
          listen: direct ? [...listen, anyDirect] : listen,
          announce,
          reserve: webrtc || listen.length === 0,
          signals: webrtc,
          ...relay && { relay: relayService },
          ...rtc && { stopped: rtc.end },
        });
      } catch (cause) {
        rtc?.end();
        if (!(cause instanceof Error) || cause.name !== "UnsupportedListenAddressesError") throw cause;
        throw new InputError("listen", reasonOf(cause.message, listen), { cause });
      }
    },
  };
}

/** What is used of `ws`, which comes without types. */
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
    // An error that nobody listens to ends the process, and any client can make one: a frame that is none.
    this.on("error", () => this.terminate());
  }

  /** Closes as libp2p means it by 1006: at once, without a word. */
  override close(code?: number, reason?: string): void {
    if (code === 1006) this.terminate();
    else super.close(code, reason);
  }
}

/** What is used of @libp2p/websockets beside its public face. */
interface Inner extends Libp2pTransport {
  _connect(address: Multiaddr, options: { signal?: AbortSignal }): Promise<WebSocket>;
}
interface InnerListener extends Listener {
  server: Server;
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
    return listener;
  };
  return inner;
}

async function connect(address: Multiaddr, { signal }: { signal?: AbortSignal }): Promise<WebSocket> {
  signal?.throwIfAborted();
  const socket = new Socket(multiaddrToUri(address), [], {
    handshakeTimeout: openTimeout,
    maxPayload,
    perMessageDeflate: false, // what goes over it is encrypted
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
  return socket as unknown as WebSocket; // of all that the DOM's has, libp2p uses what both have
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

/** A node has no certificate of a name: whoever dialled it there would get no connection. @throws {InputError} */
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

/** libp2p tells each address's trouble in one long text. */
function reasonOf(text: string, listen: readonly string[]): string {
  const address = listen.find((one) => text.includes(`${one}:`)) ?? listen.join(", ");
  if (/EADDRINUSE|AddrInUse/i.test(text)) return `cannot listen on ${address}: the port is in use`;
  if (/EACCES|PermissionDenied|NotCapable/i.test(text)) return `cannot listen on ${address}: not permitted`;
  return `cannot listen on ${address}: not an address of this machine, or not a WebSocket's`;
}
