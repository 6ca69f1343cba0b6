/**
 * Gossip between peers of one process: whoever accepts a message passes it on, as a mesh would.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Host, Topic } from "../../ports.ts";
import type { Ether } from "./memory_stream.ts";

/** The same content is not heard twice within this time, ms; gossipsub's own. */
const seenFor = 120_000;

/** Contents remembered; a cluster has some tens under way at a time. */
const mostSeen = 512;

/** Where a peer stands. */
export interface Standing {
  readonly host: Host;
  /** The gossip of those it is connected to. */
  neighbours(): Iterable<MemoryGossip>;
  alive(): boolean;
}

interface Message {
  topic: string;
  /** Everyone that somebody has sent it to: nobody is sent it twice, lost or not. */
  reached: Set<PeerId>;
}

/** One peer's part in it. */
export class MemoryGossip {
  readonly #standing: Standing;
  readonly #ether: Ether;
  readonly #topics = new Map<string, Topic>();
  /** When a content came first; the oldest first. */
  readonly #seen = new Map<string, number>();
  /** Timers of what is under way to this peer. */
  readonly #coming = new Set<Disposable>();

  constructor(standing: Standing, ether: Ether) {
    this.#standing = standing;
    this.#ether = ether;
  }

  subscribe(topic: string, handler: Topic): void {
    this.#topics.set(topic, handler);
  }

  publish(topic: string, message: Uint8Array): void {
    if (!this.#standing.alive() || !this.#isNews(topic, message)) return;
    this.#spread({ topic, reached: new Set([this.#self]) }, message);
  }

  /** Forgets what is under way to this peer. */
  stop(): void {
    for (const timer of this.#coming) timer[Symbol.dispose]();
    this.#coming.clear();
  }

  get #self(): PeerId {
    return this.#standing.host.identity.peer;
  }

  #isNews(topic: string, message: Uint8Array): boolean {
    const content = `${topic} ${message.toHex()}`;
    const now = this.#ether.clock.monotonic();
    const earlier = this.#seen.get(content);
    if (earlier !== undefined && now - earlier < seenFor) return false;
    this.#seen.delete(content);
    this.#seen.set(content, now);
    if (this.#seen.size > mostSeen) this.#seen.delete(this.#seen.keys().next().value!);
    return true;
  }

  #spread(message: Message, bytes: Uint8Array): void {
    const { clock, carry } = this.#ether;
    for (const other of this.#standing.neighbours()) {
      const [from, to, { topic, reached }] = [this.#self, other.#self, message];
      const known = this.#standing.host.admits(to) && other.#standing.host.admits(from);
      if (!known || reached.has(to) || !other.#topics.has(topic)) continue;
      reached.add(to);
      for (const arrival of carry({ from, to, protocol: topic, bytes, stream: null })) {
        const copy = arrival.bytes.slice();
        const timer = clock.timer(arrival.afterMs, () => {
          other.#coming.delete(timer);
          void other.#arrived(message, copy, from);
        });
        other.#coming.add(timer);
      }
    }
  }

  async #arrived(message: Message, bytes: Uint8Array, via: PeerId): Promise<void> {
    const handler = this.#topics.get(message.topic);
    if (!handler || !this.#standing.alive() || !this.#isNews(message.topic, bytes)) return;
    const verdict = await Promise.try(() => handler.validate(bytes, via)).catch(() => "ignore");
    if (verdict !== "accept" || !this.#standing.alive()) return;
    this.#spread(message, bytes);
    handler.deliver(bytes);
  }
}
