/**
 * Who is connected, over what, what they serve and how far away they are.
 * @module
 */
import type { Connection, IdentifyResult } from "@libp2p/interface";
import type { PeerId } from "../../failure.ts";
import type { Host } from "../../ports.ts";
import { ping, Silence } from "./ping.ts";

/** Between two pings of a connection. */
const pingEvery = 5_000;

/** A peer that does not serve what is asked of it is not asked for its protocols again within this time. */
const askAgainAfter = 1_000;

/** How long closing may wait for what is on its way out. */
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

  /** Looks after the connections from now on, until {@linkcode Peers.stop}. */
  start(): void {
    this.#pinging = setInterval(() => this.#pingAll(), pingEvery);
  }

  /** Told whenever a peer that is among the connected has said what it serves. */
  introduced: (peer: PeerId) => void = () => {};

  /** For libp2p's `connection:open`. */
  opened(connection: Connection): void {
    if (connection.direction === "inbound") {
      this.#add(connection);
      this.greet(connection);
    } else {
      // A peer that we dial decides whether to let us in when for us all is done: the first answer shows it.
      void this.#introduce(connection).then(() => this.#add(connection));
    }
  }

  /** Resolves when a connection that this node has dialled is among the connected, or was refused. */
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
      // Gossipsub had its streams on one of them and does not look for another by itself.
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
   * The connection that new streams go over: one that no relay limits, if there is one; the newest, for if there is an
   * older one, its other end may be dead.
   */
  best(peer: PeerId): Connection | null {
    const open = this.#connections.get(peer)?.filter(({ status }) => status === "open") ?? [];
    return open.findLast(({ limits }) => !limits) ?? open.at(-1) ?? null;
  }

  /** Whether the peer has said that it serves `protocol`; it is not asked. */
  serves(peer: PeerId, protocol: string): boolean {
    return this.#protocols.get(peer)?.has(protocol) ?? false;
  }

  /** Learns what the peer serves and lets gossip flow, once, unless it is a stranger. */
  greet(connection: Connection): void {
    if (this.#greetings.has(connection) || !this.#host.admits(connection.remotePeer.toString())) return;
    void this.#introduce(connection);
  }

  async speaks(peer: PeerId, protocol: string): Promise<boolean> {
    const connection = this.best(peer);
    if (!connection) return false;
    const said = () => this.serves(peer, protocol);
    if (said()) return true;
    const greeting = this.#greetings.get(connection);
    await greeting?.done;
    if (said()) return true;
    if (greeting && performance.now() - greeting.at < askAgainAfter) return false;
    await this.#introduce(connection);
    return said();
  }

  latency(peer: PeerId): number | null {
    const connection = this.best(peer);
    return connection && (this.#latency.get(connection) ?? null);
  }

  /** Ends all connections to a peer at once: what has been sent goes out, streams are reset. */
  async disconnect(peer: PeerId): Promise<void> {
    await Promise.all((this.#connections.get(peer) ?? []).map(close));
  }

  async stop(): Promise<void> {
    clearInterval(this.#pinging);
    this.#stopping.abort();
    await Promise.all(this.connected().map((peer) => this.disconnect(peer)));
  }

  #add(connection: Connection): void {
    if (connection.status !== "open") return; // it closed while it was made: its end will not be told
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
      // To that peer we are a stranger, or it is gone.
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

  /** Whether a relay may be relieved of it: there is a better one, and nothing runs on this one any more. */
  #spent(connection: Connection): boolean {
    if (!connection.limits || connection.streams.length > 0) return false;
    return !this.best(connection.remotePeer.toString())?.limits;
  }

  async #ping(connection: Connection): Promise<void> {
    try {
      this.#latency.set(connection, await ping(connection, this.#stopping.signal));
    } catch (error) {
      // A refusal is an answer too; only silence means that nobody is there.
      if (error instanceof Silence) connection.abort(error);
    }
  }
}

async function close(connection: Connection): Promise<void> {
  for (const stream of [...connection.streams]) stream.abort(new Error("Disconnected"));
  try {
    await connection.close({ signal: AbortSignal.timeout(closeTimeout) });
  } catch (error) {
    connection.abort(error as Error); // whatever it is, libp2p only logs it
  }
}
