/**
 * Gossip between peers of one process: a peer that accepts a message forwards it, as in a mesh.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Host, Topic, Verdict } from "../../ports.ts";
import type { Ether } from "./memory_stream.ts";

/** The time in which the same content is not delivered twice, ms; as in gossipsub. */
const seenFor = 120_000;

/** The most contents remembered. A cluster has some tens under way at a time. */
const mostSeen = 512;

/** A peer's position in the network. */
export interface Position {
  readonly host: Host;
  /** The gossip of the connected peers. */
  neighbours(): Iterable<MemoryGossip>;
  alive(): boolean;
}

interface Message {
  topic: string;
  /** The peers to which it was sent: it is not sent to a peer twice, even if it got lost. */
  reached: Set<PeerId>;
}

/** The gossip of one peer. */
export class MemoryGossip {
  readonly #position: Position;
  readonly #ether: Ether;
  readonly #topics = new Map<string, Topic>();
  /** The first arrival of each content, monotonic ms; the oldest first. */
  readonly #seen = new Map<string, number>();
  /** The timers of messages under way to this peer. */
  readonly #coming = new Set<Disposable>();

  constructor(position: Position, ether: Ether) {
    this.#position = position;
    this.#ether = ether;
  }

  subscribe(topic: string, handler: Topic): void {
    this.#topics.set(topic, handler);
  }

  publish(topic: string, message: Uint8Array): void {
    if (!this.#position.alive() || !this.#isNews(topic, message)) return;
    this.#spread({ topic, reached: new Set([this.#self]) }, message);
  }

  /** Drops the messages under way to this peer. */
  stop(): void {
    for (const timer of this.#coming) timer[Symbol.dispose]();
    this.#coming.clear();
  }

  get #self(): PeerId {
    return this.#position.host.identity.peer;
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
    for (const other of this.#position.neighbours()) {
      const [from, to, { topic, reached }] = [this.#self, other.#self, message];
      const known = this.#position.host.admits(to) && other.#position.host.admits(from);
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
    if (!handler || !this.#position.alive() || !this.#isNews(message.topic, bytes)) return;
    const verdict = await validated(handler, bytes, via);
    if (verdict !== "accept" || !this.#position.alive()) return;
    this.#spread(message, bytes);
    handler.deliver(bytes);
  }
}

/** The verdict of a handler; `ignore` if that throws. */
async function validated(handler: Topic, message: Uint8Array, via: PeerId): Promise<Verdict> {
  try {
    return await handler.validate(message, via);
  } catch {
    return "ignore";
  }
}
