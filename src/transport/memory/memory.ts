/**
 * A network of peers in one process, on a given clock: streams arrive in order and can break, gossip can get
 * lost. It is for tests, simulations and demonstrations, and gives the same guarantees as libp2p's.
 * @module
 */
import type { Carrier, Reservation } from "../../events.ts";
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { maxFrame } from "../../limits.ts";
import type { Channel, Clock, HandleOptions, Host, Network, Topic, Transport } from "../../ports.ts";
import { MemoryGossip } from "./memory_gossip.ts";
import { type Arrival, type Carried, type Ether, streamBetween, type StreamEnd } from "./memory_stream.ts";

export type { Arrival, Carried } from "./memory_stream.ts";

/** The options of a network in memory. */
export interface MemoryNetworkOptions {
  /** The clock by which frames arrive. */
  clock: Clock;
  /** The arrivals of a frame; default: one, unchanged, at once. */
  carry?(carried: Carried): readonly Arrival[];
}

/** A network in which peers of one process find each other. */
export interface MemoryNetwork {
  /** The transport of one more peer. */
  transport(): Transport;
  /** Breaks the connection of two peers and their streams. */
  cut(a: PeerId, b: PeerId): void;
  /** Sets whether two peers can reach each other from now on. A pair that cannot is cut. */
  reachable(can: (a: PeerId, b: PeerId) => boolean): void;
  /** Removes a peer at once, without any farewell. */
  kill(peer: PeerId): void;
  /** The number of stream ends that are still open. */
  open(): number;
}

/** Makes an empty network. */
export function memoryNetwork({ clock, carry = once }: MemoryNetworkOptions): MemoryNetwork {
  const places = new Map<PeerId, Place>();
  let can: (a: PeerId, b: PeerId) => boolean = () => true;

  const world: World = {
    clock,
    carry,
    streams: 0,
    find: (from, to) => can(from, to) ? places.get(to) : undefined,
    leave: (place) => {
      if (places.get(place.self) === place) places.delete(place.self);
    },
  };
  function cut(a: PeerId, b: PeerId): void {
    places.get(a)?.lose(b);
    places.get(b)?.lose(a);
  }
  return {
    transport: () => ({
      kind: "memory",
      start(host) {
        const place = new Place(host, world);
        places.set(host.identity.peer, place);
        return Promise.resolve(place);
      },
    }),
    cut,
    reachable(next) {
      can = next;
      for (const a of places.keys()) for (const b of places.keys()) if (a < b && !can(a, b)) cut(a, b);
    },
    kill: (peer) => places.get(peer)?.die(),
    open: () => [...places.values()].reduce((sum, place) => sum + place.streams(), 0),
  };
}

const once = ({ bytes }: Carried): Arrival[] => [{ bytes, afterMs: 0 }];

interface World extends Ether {
  /** Streams opened so far. */
  streams: number;
  find(from: PeerId, to: PeerId): Place | undefined;
  leave(place: Place): void;
}

/** One peer's part of the network. */
class Place implements Network {
  readonly self: PeerId;
  readonly #host: Host;
  readonly #world: World;
  readonly gossip: MemoryGossip;
  readonly handlers = new Map<string, { handler: (channel: Channel) => void; options: HandleOptions }>();
  readonly #connections = new Map<PeerId, Set<StreamEnd>>();
  #dead = false;

  constructor(host: Host, world: World) {
    this.self = host.identity.peer;
    this.#host = host;
    this.#world = world;
    this.gossip = new MemoryGossip({
      host,
      alive: () => !this.#dead,
      neighbours: () => this.connected().flatMap((peer) => this.#other(peer)?.gossip ?? []),
    }, world);
  }

  #other(peer: PeerId): Place | undefined {
    return this.#connections.has(peer) ? this.#world.find(this.self, peer) : undefined;
  }

  addresses(): readonly string[] {
    return [`/memory/${this.self}`];
  }

  handle(protocol: string, handler: (channel: Channel) => void, options: HandleOptions = {}): void {
    this.handlers.set(protocol, { handler, options });
  }

  // deno-lint-ignore require-await -- so that every error in here is a rejection
  async connect(peer: PeerId, _addresses: readonly string[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new ChannelError("aborted", { cause: signal.reason });
    if (this.#connections.has(peer)) return;
    if (!this.#host.admits(peer)) throw new ChannelError("refused");
    const other = this.#world.find(this.self, peer);
    if (this.#dead || !other || other === this) throw new ChannelError("left");
    if (!other.#lets(this.self)) throw new ChannelError("refused");
    other.#connections.set(this.self, new Set());
    this.#connections.set(peer, new Set());
    this.#host.connected(peer);
    other.#host.connected(this.self);
    this.#host.changed(peer);
    other.#host.changed(this.self);
  }

  #lets(peer: PeerId): boolean {
    if (this.#host.admits(peer)) return true;
    const strangers = this.connected().filter((known) => !this.#host.admits(known)).length;
    if (strangers < this.#host.strangers()) return true;
    this.#host.dropped("unauthentic-frame", peer);
    return false;
  }

  /** Drops the connection to a peer and all its streams. */
  lose(peer: PeerId): void {
    const ends = this.#connections.get(peer);
    if (!ends) return;
    this.#connections.delete(peer);
    for (const end of ends) end.break();
    if (this.#dead) return;
    this.#host.disconnected(peer);
    this.#host.changed(peer);
  }

  #part(peer: PeerId): void {
    const other = this.#other(peer);
    this.lose(peer);
    other?.lose(this.self);
  }

  /** Leaves at once. The host receives no more events. */
  die(): void {
    this.#dead = true;
    this.#world.leave(this);
    this.gossip.stop();
    for (const peer of this.connected()) this.#part(peer);
  }

  disconnect(peer: PeerId): Promise<void> {
    this.#part(peer);
    return Promise.resolve();
  }

  connected(): readonly PeerId[] {
    return [...this.#connections.keys()];
  }

  streams(): number {
    return [...this.#connections.values()].reduce((sum, ends) => sum + ends.size, 0);
  }

  // deno-lint-ignore require-await -- as for connect()
  async open(
    peer: PeerId,
    protocol: string,
    { maxFrame: most = maxFrame, signal }: { maxFrame?: number; signal?: AbortSignal },
  ): Promise<Channel> {
    if (signal?.aborted) throw new ChannelError("aborted", { cause: signal.reason });
    const other = this.#other(peer);
    if (!other) throw new ChannelError("left");
    const stream = { protocol, stream: this.#world.streams++ };
    const [here, there] = streamBetween(this.#world, stream, { peer: this.self, most }, {
      peer,
      most: maxFrame,
    });
    this.#keep(here);
    other.#keep(there);
    here.begin(() => other.#arrive(there));
    return here;
  }

  /** Hands a stream that a peer has opened to its handler, or refuses it. */
  #arrive(end: StreamEnd): void {
    const served = this.handlers.get(end.protocol);
    if (!served) return end.refuse();
    if (!served.options.strangers && !this.#host.admits(end.peer)) {
      this.#host.dropped("unauthentic-frame", end.peer);
      return end.abort();
    }
    end.accept(served.options.maxFrame ?? maxFrame);
    served.handler(end);
  }

  #keep(end: StreamEnd): void {
    end.oversized = () => this.#host.dropped("oversized-frame", end.peer);
    const ends = this.#connections.get(end.peer)!;
    ends.add(end);
    end.closed = () => void ends.delete(end);
  }

  speaks(peer: PeerId, protocol: string): Promise<boolean> {
    return Promise.resolve(this.#other(peer)?.handlers.has(protocol) ?? false);
  }

  latency(peer: PeerId): number | null {
    return this.#connections.has(peer) ? 0 : null;
  }

  carrier(peer: PeerId): Carrier | null {
    return this.#connections.has(peer) ? { kind: "memory", relayed: false, multiplexer: null } : null;
  }

  /** None: there are no relays. */
  routes(): readonly string[] {
    return [];
  }

  reservations(): readonly Reservation[] {
    return [];
  }

  subscribe(topic: string, handler: Topic): void {
    this.gossip.subscribe(topic, handler);
  }

  publish(topic: string, message: Uint8Array): Promise<void> {
    this.gossip.publish(topic, message);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#world.leave(this);
    this.gossip.stop();
    for (const peer of this.connected()) this.#part(peer);
    this.#dead = true;
    return Promise.resolve();
  }
}
