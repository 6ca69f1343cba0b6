/**
 * The protected links between holders: each has the secret of a key exchange, made when two peers connect,
 * and made anew when it breaks.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { ClosingStreams } from "../../session/closing_streams.ts";
import { deadline } from "../../session/deadline.ts";
import type { Context } from "../events/event_context.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { protocols } from "../records/protocols.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import { has } from "../roster/roster_context.ts";
import { Hellos } from "./hellos.ts";
import { LinkExchange, type NewLink } from "./link_exchange.ts";
import { LinkSecrets } from "./link_secrets.ts";
import { OwnPresence } from "./own_presence.ts";

/**
 * The number of exchanges that a peer may begin within `answersWithin`, ms. An honest peer waits longer
 * between its tries; the limit keeps a dishonest one from filling memory.
 */
const mostAnswers = 16;
const answersWithin = 10_000;

/**
 * The additional time that the peer with the higher id waits before it begins an exchange itself, ms:
 * normally it never has to.
 */
const higherBeginsAfter = 3_000;

interface Link {
  readonly secrets: LinkSecrets;
  /** The number of exchanges that failed since the last one that succeeded. */
  failures: number;
  /** Begins the next exchange. */
  timer: Disposable | null;
  /** The number of exchanges under way. */
  exchanging: number;
  /** When the peer began its last exchanges, by the monotonic clock, ms. */
  answered: number[];
}

export class LinkKeys implements OfMembers {
  readonly #context: Context;
  readonly #links = new Map<PeerId, Link>();
  readonly #hellos: Hellos;
  readonly #closing: ClosingStreams;
  /** The presence of this node, which its hellos carry. */
  readonly ownPresence: OwnPresence;

  constructor(context: Context, boot: Uint8Array, storeHistory: StoreHistory) {
    this.#context = context;
    this.#closing = new ClosingStreams(context.clock);
    this.ownPresence = new OwnPresence({ context, boot, storeHistory, links: () => this.up() });
    this.#hellos = new Hellos(context, this.ownPresence, storeHistory);
    context.network.handle(protocols.link, (channel) => void this.#answer(channel));
  }

  /** The peers to which a link is up. */
  up(): PeerId[] {
    return [...this.#links].filter(([, { secrets }]) => !secrets.empty).map(([peer]) => peer);
  }

  state(peer: PeerId): "up" | "retrying" | "none" {
    const link = this.#links.get(peer);
    if (!link) return "none";
    return link.secrets.empty ? "retrying" : "up";
  }

  /** Whether there is a link to a peer. */
  has(peer: PeerId): boolean {
    return this.#links.get(peer)?.secrets.empty === false;
  }

  /**
   * The current link to a peer, or null: its id and a copy of its secret, 32 bytes each. The caller wipes the
   * copy.
   */
  current(peer: PeerId): { id: Uint8Array; secret: Uint8Array } | null {
    return this.#links.get(peer)?.secrets.current() ?? null;
  }

  /**
   * A copy of the secret of the link with an id, 32 bytes; null if it is not known. The caller wipes the
   * copy.
   */
  secret(peer: PeerId, id: Uint8Array): Uint8Array | null {
    return this.#links.get(peer)?.secrets.get(id) ?? null;
  }

  connected(peer: PeerId): void {
    if (!has(this.#context, peer, "holder") || !has(this.#context, this.#context.identity.peer, "holder")) {
      return;
    }
    if (this.#links.has(peer)) return;
    this.#links.set(peer, {
      secrets: new LinkSecrets(),
      failures: 0,
      timer: null,
      exchanging: 0,
      answered: [],
    });
    this.#schedule(peer, 0);
  }

  disconnected(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (!link) return;
    link.timer?.[Symbol.dispose]();
    this.#links.delete(peer);
    if (!link.secrets.empty) this.#context.eventLog.emit({ type: "link", other: peer, state: "lost" });
    link.secrets.clear();
  }

  /** Makes the link to a peer anew, because it has turned out to be broken. */
  renew(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (!link) return;
    if (!link.secrets.empty) this.#context.eventLog.emit({ type: "link", other: peer, state: "lost" });
    link.secrets.clear();
    this.#schedule(peer, 0);
  }

  keepOnly(isMember: IsMember): void {
    this.#hellos.keepOnly(isMember);
  }

  stop(): void {
    for (const peer of [...this.#links.keys()]) this.disconnected(peer);
    this.#closing.stop();
  }

  #schedule(peer: PeerId, ms: number): void {
    const link = this.#links.get(peer);
    if (!link || this.#context.stopping.aborted) return;
    link.timer?.[Symbol.dispose]();
    const beginsFirst = this.#context.identity.peer < peer;
    link.timer = this.#context.clock.timer(beginsFirst ? ms : ms + higherBeginsAfter, () => {
      if (this.#links.get(peer) === link && link.secrets.empty && link.exchanging === 0) {
        void this.#begin(peer);
      }
    });
  }

  async #begin(peer: PeerId): Promise<void> {
    const link = this.#links.get(peer)!;
    link.exchanging++;
    using patience = deadline(this.#context.clock, this.#context.limits.linkMs, this.#context.stopping);
    try {
      const channel = await this.#context.network.open(peer, protocols.link, { signal: patience.signal });
      await this.#exchange(channel, link, { answering: false });
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      this.#failed(peer, link);
    } finally {
      link.exchanging--;
    }
  }

  async #answer(channel: Channel): Promise<void> {
    // The peer may see the connection before this node does.
    if (!this.#links.has(channel.peer)) this.connected(channel.peer);
    const link = this.#links.get(channel.peer);
    if (!link) return channel.abort();
    const now = this.#context.clock.monotonic();
    link.answered = [...link.answered.filter((at) => at > now - answersWithin), now].slice(-mostAnswers - 1);
    if (link.answered.length > mostAnswers) {
      this.#context.eventLog.warn("rejected-hello", channel.peer);
      return channel.abort();
    }
    link.exchanging++;
    await this.#exchange(channel, link, { answering: true }).finally(() => link.exchanging--);
  }

  #failed(peer: PeerId, link: Link): void {
    if (this.#links.get(peer) !== link || this.#context.stopping.aborted) return;
    const full = Math.min(retryLast, retryFirst * 2 ** link.failures++);
    const inMs = Math.round(full / 2 + full / 2 * this.#context.random(1)[0]! / 255);
    if (link.secrets.empty) {
      this.#context.eventLog.emit({ type: "link", other: peer, state: "retrying", inMs });
    }
    this.#schedule(peer, inMs);
  }

  /** @param options.answering Whether the peer began the exchange. */
  async #exchange(channel: Channel, link: Link, options: { answering: boolean }): Promise<void> {
    const exchange = new LinkExchange(
      { context: this.#context, hellos: this.#hellos, closing: this.#closing },
      channel,
    );
    const made = await exchange.run(options);
    if (made) this.#made(channel.peer, link, made);
    else this.#failed(channel.peer, link);
  }

  #made(peer: PeerId, link: Link, { id, secret }: NewLink): void {
    if (this.#links.get(peer) !== link) return void secret.fill(0);
    const isFirst = link.secrets.empty;
    link.secrets.add(id, secret);
    link.failures = 0;
    if (isFirst) this.#context.eventLog.emit({ type: "link", other: peer, state: "up" });
  }
}
