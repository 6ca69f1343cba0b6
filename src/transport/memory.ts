/**
 * Peers of one process: streams that arrive in order and can break, gossip that can get lost, by a clock that is given.
 * For tests, simulations and demonstrations; the same promises as libp2p's.
 * @module
 */
import { ChannelError, type PeerId } from "../failure.ts";
import { maxFrame } from "../limits.ts";
import type { Channel, Clock, HandleOptions, Host, Network, Topic, Transport } from "../ports.ts";

/** What may happen to a frame or a gossiped message on its way. */
export interface Carried {
  from: PeerId;
  to: PeerId;
  /** The stream's protocol, or the gossip's topic. */
  protocol: string;
  bytes: Uint8Array;
  /** Counts the streams of the network, each of which has two ends; null for gossip. */
  stream: number | null;
}
/** What becomes of it: how often it arrives, when, and as what. */
export interface Arrival {
  bytes: Uint8Array;
  afterMs: number;
}

export interface MemoryNetworkOptions {
  clock: Clock;
  /** How a frame travels; default: once, unchanged, at once. */
  carry?(carried: Carried): readonly Arrival[];
}

/** A place in which peers of one process find each other. */
export interface MemoryNetwork {
  transport(): Transport;
  /** Breaks the connection of two peers: their streams with it. */
  cut(a: PeerId, b: PeerId): void;
  /** Says whether two peers can reach each other from now on; a pair that cannot is cut. */
  reachable(can: (a: PeerId, b: PeerId) => boolean): void;
  /** A peer is gone at once, without a word. */
  kill(peer: PeerId): void;
  /** Ends of streams that are still open. */
  open(): number;
}

export function memoryNetwork({ clock, carry = once }: MemoryNetworkOptions): MemoryNetwork {
  const places = new Map<PeerId, Place>();
  let can: (a: PeerId, b: PeerId) => boolean = () => true;

  const world: World = {
    clock,
    streams: 0,
    carry,
    find: (from, to) => can(from, to) ? places.get(to) : undefined,
    leave: (peer) => void places.delete(peer),
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
    kill(peer) {
      const place = places.get(peer);
      places.delete(peer);
      place?.die();
    },
    open: () => [...places.values()].reduce((sum, place) => sum + place.streams(), 0),
  };
}

const once = ({ bytes }: Carried): Arrival[] => [{ bytes, afterMs: 0 }];

interface World {
  clock: Clock;
  /** Streams opened so far. */
  streams: number;
  carry(carried: Carried): readonly Arrival[];
  find(from: PeerId, to: PeerId): Place | undefined;
  leave(peer: PeerId): void;
}

/** One peer's end of the world. */
class Place implements Network {
  readonly self: PeerId;
  readonly #host: Host;
  readonly #world: World;
  readonly handlers = new Map<string, { handler: (channel: Channel) => void; options: HandleOptions }>();
  readonly topics = new Map<string, Topic>();
  readonly #connections = new Map<PeerId, Set<End>>();
  #dead = false;

  constructor(host: Host, world: World) {
    this.self = host.identity.peer;
    this.#host = host;
    this.#world = world;
  }

  addresses(): readonly string[] {
    return [`/memory/${this.self}`];
  }

  handle(protocol: string, handler: (channel: Channel) => void, options: HandleOptions = {}): void {
    this.handlers.set(protocol, { handler, options });
  }

  connect(peer: PeerId, _addresses: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#connections.has(peer)) return Promise.resolve();
    const other = this.#world.find(this.self, peer);
    if (this.#dead || !other || signal.aborted || !other.#admit(this.self)) {
      return Promise.reject(new ChannelError("refused"));
    }
    this.#meet(peer);
    other.#meet(this.self);
    return Promise.resolve();
  }

  #admit(peer: PeerId): boolean {
    if (this.#host.admits(peer)) return true;
    const strangers = [...this.#connections.keys()].filter((known) => !this.#host.admits(known)).length;
    if (strangers < this.#host.strangers()) return true;
    this.#host.dropped("unauthentic-frame", peer);
    return false;
  }

  #meet(peer: PeerId): void {
    this.#connections.set(peer, new Set());
    this.#host.connected(peer);
  }

  /** The connection is gone, and all that ran over it. */
  lose(peer: PeerId): void {
    const ends = this.#connections.get(peer);
    if (!ends) return;
    this.#connections.delete(peer);
    for (const end of ends) end.break();
    if (!this.#dead) this.#host.disconnected(peer);
  }

  die(): void {
    this.#dead = true;
    for (const peer of [...this.#connections.keys()]) {
      this.lose(peer);
      this.#world.find(this.self, peer)?.lose(this.self);
    }
  }

  disconnect(peer: PeerId): Promise<void> {
    const other = this.#world.find(this.self, peer);
    this.lose(peer);
    other?.lose(this.self);
    return Promise.resolve();
  }

  connected(): readonly PeerId[] {
    return [...this.#connections.keys()];
  }

  streams(): number {
    return [...this.#connections.values()].reduce((sum, ends) => sum + ends.size, 0);
  }

  open(
    peer: PeerId,
    protocol: string,
    { maxFrame: most = maxFrame, signal }: { maxFrame?: number; signal?: AbortSignal },
  ): Promise<Channel> {
    const mine = this.#connections.get(peer);
    const other = this.#world.find(this.self, peer);
    const served = other?.handlers.get(protocol);
    if (!mine || !other || !served || signal?.aborted) return Promise.reject(new ChannelError("refused"));
    if (!served.options.strangers && !other.#host.admits(this.self)) {
      other.#host.dropped("unauthentic-frame", this.self);
      return Promise.reject(new ChannelError("refused"));
    }
    const theirMost = served.options.maxFrame ?? maxFrame;
    const [here, there] = pair(this.#world, protocol, { peer: this.self, most }, { peer, most: theirMost });
    for (const [end, place] of [[here, this], [there, other]] as const) {
      end.oversized = () => place.#host.dropped("oversized-frame", end.peer);
      place.#connections.get(end.peer)?.add(end);
      end.closed = () => void place.#connections.get(end.peer)?.delete(end);
    }
    served.handler(there);
    return Promise.resolve(here);
  }

  speaks(peer: PeerId, protocol: string): Promise<boolean> {
    return Promise.resolve(this.#world.find(this.self, peer)?.handlers.has(protocol) ?? false);
  }

  latency(peer: PeerId): number | null {
    return this.#connections.has(peer) ? 0 : null;
  }

  carrier(peer: PeerId): string | null {
    return this.#connections.has(peer) ? "memory" : null;
  }

  subscribe(topic: string, handler: Topic): void {
    this.topics.set(topic, handler);
  }

  /** Flooded to whoever can be reached over whoever listens, as a mesh would. */
  publish(topic: string, message: Uint8Array): Promise<void> {
    const reached = new Set<PeerId>([this.self]);
    const next: Place[] = [this];
    for (let place = next.pop(); place; place = next.pop()) {
      for (const peer of place.#connections.keys()) {
        const other = this.#world.find(place.self, peer);
        const handler = other?.topics.get(topic);
        if (!other || !handler || reached.has(peer) || !other.#host.admits(place.self)) continue;
        reached.add(peer);
        next.push(other);
        const via = place.self;
        for (
          const { bytes, afterMs } of this.#world.carry({
            from: via,
            to: peer,
            protocol: topic,
            bytes: message,
            stream: null,
          })
        ) {
          this.#world.clock.timer(afterMs, () => void other.#gossiped(handler, bytes.slice(), via));
        }
      }
    }
    return Promise.resolve();
  }

  async #gossiped(handler: Topic, message: Uint8Array, from: PeerId): Promise<void> {
    if (!this.#dead && await handler.validate(message, from) === "accept") handler.deliver(message);
  }

  stop(): Promise<void> {
    this.#world.leave(this.self);
    for (const peer of [...this.#connections.keys()]) {
      this.lose(peer);
      this.#world.find(this.self, peer)?.lose(this.self);
    }
    this.#dead = true;
    return Promise.resolve();
  }
}

function pair(
  world: World,
  protocol: string,
  a: { peer: PeerId; most: number },
  b: { peer: PeerId; most: number },
): [End, End] {
  const stream = world.streams++;
  const [here, there] = [
    new End(world, { protocol, stream }, a.peer, b.peer, a.most),
    new End(world, { protocol, stream }, b.peer, a.peer, b.most),
  ];
  here.other = there;
  there.other = here;
  return [here, there];
}

type Item = Uint8Array | "end" | ChannelError;

/** One end of a stream. */
class End implements Channel {
  readonly peer: PeerId;
  readonly protocol: string;
  readonly stream: number;
  other!: End;
  oversized = () => {};
  closed = () => {};
  readonly #world: World;
  readonly #self: PeerId;
  readonly #most: number;
  readonly #items: Item[] = [];
  #wake = () => {};
  #ended = false;
  #readEnd = false;
  #broken: ChannelError | null = null;
  /** Nothing overtakes: each frame arrives no sooner than the one before it. */
  #lastArrival = 0;

  constructor(
    world: World,
    { protocol, stream }: { protocol: string; stream: number },
    self: PeerId,
    peer: PeerId,
    most: number,
  ) {
    this.#world = world;
    this.protocol = protocol;
    this.stream = stream;
    this.#self = self;
    this.peer = peer;
    this.#most = most;
  }

  send(frame: Uint8Array): Promise<void> {
    if (this.#broken || this.#ended) return Promise.reject(this.#broken ?? new ChannelError("left"));
    const { from, to } = { from: this.#self, to: this.peer };
    const { protocol, stream } = this;
    for (const { bytes, afterMs } of this.#world.carry({ from, to, protocol, bytes: frame, stream })) {
      const copy = bytes.slice();
      this.#later(afterMs, () => this.other.#take(copy.length > this.other.#most ? "oversized" : copy));
    }
    return Promise.resolve();
  }

  #later(ms: number, arrive: () => void): void {
    const { clock } = this.#world;
    const at = Math.max(this.#lastArrival, clock.monotonic() + ms);
    this.#lastArrival = at;
    clock.timer(at - clock.monotonic(), arrive);
  }

  #take(item: Item | "oversized"): void {
    if (this.#broken) return;
    if (item === "oversized") {
      this.oversized();
      this.#broken = new ChannelError("oversized");
      this.other.break();
    } else {
      this.#items.push(item);
    }
    this.#wake();
  }

  async receive(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#broken?.reason === "aborted") throw this.#broken;
      const item = this.#items.shift();
      if (item instanceof Uint8Array) return item;
      if (item === "end") this.#readEnd = true;
      if (this.#readEnd) {
        this.#finished();
        return null;
      }
      if (this.#broken) throw this.#broken;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  end(): Promise<void> {
    if (!this.#ended && !this.#broken) this.#later(0, () => this.other.#take("end"));
    this.#ended = true;
    this.#finished();
    return Promise.resolve();
  }

  #finished(): void {
    if (this.#ended && this.#readEnd) this.closed();
  }

  abort(): void {
    if (this.#broken) return;
    this.#broken = new ChannelError("aborted");
    this.#wake();
    this.closed();
    this.other.break();
  }

  /** The stream is gone; what had arrived can still be read. */
  break(): void {
    if (this.#broken || (this.#ended && this.#readEnd)) return;
    this.#broken = new ChannelError("left");
    this.#wake();
    this.closed();
  }
}
