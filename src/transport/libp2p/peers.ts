/**
 * The connected peers: their connections, the protocols that they serve, and their latency.
 * @module
 */
import type { Connection, IdentifyResult } from "@libp2p/interface";
import type { PeerId } from "../../failure.ts";
import type { Host } from "../../ports.ts";
import { ping, Silence } from "./ping.ts";

/** The time between two pings of a connection, ms. */
const pingEvery = 5_000;

/** The time after which a peer that does not serve a protocol is asked for its protocols again, ms. */
const askAgainAfter = 1_000;

/** The time that closing waits for bytes on their way out, ms. */
const closeTimeout = 250;

interface Greeting {
  done: Promise<void>;
  at: number;
}

/** All connections of a node. */
export class Peers {
  readonly #host: Host;
  readonly #identify: (connection: Connection) => Promise<IdentifyResult>;
  readonly #connections = new Map<PeerId, Connection[]>();
  readonly #greetings = new WeakMap<Connection, Greeting>();
  readonly #protocols = new Map<PeerId, ReadonlySet<string>>();
  readonly #latency = new WeakMap<Connection, number>();
  readonly #stopping = new AbortController();
  #pinging: ReturnType<typeof setInterval> | undefined;

  constructor(host: Host, identify: (connection: Connection) => Promise<IdentifyResult>) {
    this.#host = host;
    this.#identify = identify;
  }

  /** Starts pinging the connections, until {@linkcode Peers.stop}. */
  start(): void {
    this.#pinging = setInterval(() => this.#pingAll(), pingEvery);
  }

  /** Called whenever the protocols of a connected peer become known. */
  introduced: (peer: PeerId) => void = () => {};

  /** For libp2p's `connection:open`. */
  opened(connection: Connection): void {
    if (connection.direction === "inbound") {
      this.#add(connection);
      this.greet(connection);
    } else {
      // The dialled peer may still refuse us when the handshake is done at our side: its first answer shows
      // that it does not.
      void this.#introduce(connection).then(() => this.#add(connection));
    }
  }

  /** Resolves when a connection that this node has dialled has been accepted or refused. */
  async entered(connection: Connection): Promise<void> {
    await this.#greetings.get(connection)?.done;
  }

  /** For libp2p's `connection:close`. */
  closed(connection: Connection): void {
    const peer = connection.remotePeer.toString();
    const connections = this.#connections.get(peer);
    if (!connections?.includes(connection)) return;
    const left = connections.filter((other) => other !== connection);
    if (left.length > 0) {
      this.#connections.set(peer, left);
      this.#host.changed(peer);
      // Gossipsub's streams may have been on the closed connection, and it does not move them by itself.
      void this.#introduce(this.best(peer) ?? left.at(-1)!);
      return;
    }
    this.#connections.delete(peer);
    this.#protocols.delete(peer);
    this.#host.disconnected(peer);
    this.#host.changed(peer);
  }

  connected(): readonly PeerId[] {
    return [...this.#connections.keys()];
  }

  /**
   * The connection for new streams: a direct one if possible; the newest, as an older one's other end may be
   * dead.
   */
  best(peer: PeerId): Connection | null {
    const open = this.#connections.get(peer)?.filter(({ status }) => status === "open") ?? [];
    return open.findLast(({ limits }) => !limits) ?? open.at(-1) ?? null;
  }

  /** Whether the peer has announced that it serves `protocol`. It is not asked. */
  serves(peer: PeerId, protocol: string): boolean {
    return this.#protocols.get(peer)?.has(protocol) ?? false;
  }

  /** Asks for the peer's protocols, once, which also starts gossip with it. Strangers are not asked. */
  greet(connection: Connection): void {
    if (this.#greetings.has(connection) || !this.#host.admits(connection.remotePeer.toString())) return;
    void this.#introduce(connection);
  }

  async speaks(peer: PeerId, protocol: string): Promise<boolean> {
    const connection = this.best(peer);
    if (!connection) return false;
    const announced = () => this.serves(peer, protocol);
    if (announced()) return true;
    const greeting = this.#greetings.get(connection);
    await greeting?.done;
    if (announced()) return true;
    if (greeting && performance.now() - greeting.at < askAgainAfter) return false;
    await this.#introduce(connection);
    return announced();
  }

  latency(peer: PeerId): number | null {
    const connection = this.best(peer);
    return connection && (this.#latency.get(connection) ?? null);
  }

  /** Closes all connections to a peer. Bytes already sent go out; streams are reset. */
  async disconnect(peer: PeerId): Promise<void> {
    await Promise.all((this.#connections.get(peer) ?? []).map(close));
  }

  async stop(): Promise<void> {
    clearInterval(this.#pinging);
    this.#stopping.abort();
    await Promise.all(this.connected().map((peer) => this.disconnect(peer)));
  }

  #add(connection: Connection): void {
    if (connection.status !== "open") return; // it closed meanwhile: its `connection:close` has been dispatched already
    const peer = connection.remotePeer.toString();
    const connections = this.#connections.get(peer) ?? [];
    this.#connections.set(peer, [...connections, connection]);
    if (connections.length === 0) this.#host.connected(peer);
    this.#host.changed(peer);
    if (this.#protocols.has(peer)) this.introduced(peer);
  }

  #introduce(connection: Connection): Promise<void> {
    const done = this.#ask(connection);
    this.#greetings.set(connection, { done, at: performance.now() });
    return done;
  }

  async #ask(connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString();
    try {
      const { protocols } = await this.#identify(connection);
      if (connection.status !== "open") return;
      this.#protocols.set(peer, new Set(protocols));
      if (this.#connections.get(peer)?.includes(connection)) this.introduced(peer);
      if (!this.#latency.has(connection)) void this.#ping(connection);
    } catch {
      // We are a stranger to that peer, or it is gone.
    }
  }

  #pingAll(): void {
    for (const connection of [...this.#connections.values()].flat()) {
      if (this.#spent(connection)) {
        void close(connection);
        continue;
      }
      this.greet(connection);
      if (this.#greetings.has(connection)) void this.#ping(connection);
    }
  }

  /**
   * Whether a relayed connection can be closed: there is a direct one, and this one has no streams any more.
   */
  #spent(connection: Connection): boolean {
    if (!connection.limits || connection.streams.length > 0) return false;
    return !this.best(connection.remotePeer.toString())?.limits;
  }

  async #ping(connection: Connection): Promise<void> {
    try {
      this.#latency.set(connection, await ping(connection, this.#stopping.signal));
    } catch (error) {
      // A refusal is an answer too. Only silence means that the peer is gone.
      if (error instanceof Silence) connection.abort(error);
    }
  }
}

async function close(connection: Connection): Promise<void> {
  for (const stream of [...connection.streams]) stream.abort(new Error("Disconnected"));
  try {
    await connection.close({ signal: AbortSignal.timeout(closeTimeout) });
  } catch (error) {
    connection.abort(error as Error); // libp2p only logs this error
  }
}
