/**
 * The gossip of a node: presence, and batches of events, both signed by their author. Everyone may receive
 * it, it may get lost, and it decides nothing.
 * @module
 */
import { keyPair } from "../../crypto/x25519.ts";
import { bytesUpTo, type Codec, list, record } from "../../crypto/codec.ts";
import type { Heard, NodeEvent, QuarantineEvent, RoundEvent, SessionId } from "../../events.ts";
import type { PeerId } from "../../failure.ts";
import { batchesPerSecond, maxBatch, presenceAfterLink, presenceEvery } from "../../limits.ts";
import type { Channel, Identity, Verdict } from "../../ports.ts";
import { readSigned, sign } from "../../session/signed.ts";
import { itemsOf } from "../../platform/stream.ts";
import type { Context } from "../events/event_context.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import { outgoing, readEvent } from "../events/event_schema.ts";
import type { LinkKeys } from "./link_keys.ts";
import type { IsMember, OfMembers } from "../records/of_members.ts";
import { type Presence, presenceRecord, Presences } from "../rollback/presence.ts";
import { GossipBudget, TakenBatches } from "./gossip_budget.ts";

/** A batch of events as JSON texts: the signature covers these bytes. */
const eventsRecord = record("quorate/3/events", { items: list(bytesUpTo(maxBatch), 512) });

const encodeEvents = (events: readonly NodeEvent[]) =>
  eventsRecord.encode({
    items: events.map((event) => new TextEncoder().encode(JSON.stringify(outgoing(event)))),
  });
const eventsCodec: Codec<NodeEvent[]> = { encode: encodeEvents, decode: decodeEvents };

function decodeEvents(encoded: Uint8Array): NodeEvent[] {
  return eventsRecord.decode(encoded).items
    .map((item) => readEvent(new TextDecoder().decode(item)))
    .filter((event) => event !== null);
}

/** Reads a signed batch: its signer's events in its own view. Null if it is not a batch. */
export async function readEvents(
  identity: Pick<Identity, "verify">,
  encoded: Uint8Array,
): Promise<{ by: PeerId; items: NodeEvent[] } | null> {
  const read = await readSigned(identity, eventsCodec, encoded);
  if (read === null) return null;
  return { by: read.by, items: read.value.filter((event) => event.peer === read.by) };
}

/** Sends the events of a session over a channel as they happen, signed. */
export async function sendEvents(
  { identity }: Pick<Context, "identity">,
  channel: Channel,
  events: ReadableStream<NodeEvent>,
): Promise<void> {
  for await (const event of itemsOf(events)) {
    await channel.send((await sign(identity, eventsCodec, [event])).encoded);
  }
}

/** Sends a signed batch of no events: the session of a channel goes on, and there is nothing to tell. */
export async function sendNoEvents(
  { identity }: Pick<Context, "identity">,
  channel: Channel,
): Promise<void> {
  await channel.send((await sign(identity, eventsCodec, [])).encoded);
}

export interface GossipOptions {
  context: Context;
  links: LinkKeys;
  storeHistory: StoreHistory;
  /** Called when a peer has a newer roster than this node. */
  otherRoster(peer: PeerId, version: number): void;
  /**
   * A peer has announced active keys, by the sessions that made them. This node may ask for their
   * certificates.
   */
  newKeys(peer: PeerId, keyIds: readonly SessionId[]): void;
  /** A member of a key has announced that it holds no share of it. */
  withoutShare(peer: PeerId): void;
  /** A peer has announced that it has banned another. */
  newBan(peer: PeerId): void;
  /** A peer has announced that it has quarantined another, or released it. */
  quarantine(event: QuarantineEvent): void;
}

export class Gossip implements OfMembers {
  readonly #options: GossipOptions;
  readonly #presences = new Presences();
  readonly #taken = new TakenBatches();
  readonly #budget: GossipBudget;
  readonly #pending: NodeEvent[] = [];
  #timer: Disposable | null = null;
  #batching: Disposable | null = null;
  #sentAt = -Infinity;

  constructor(options: GossipOptions) {
    this.#options = options;
    const { context } = options;
    this.#budget = new GossipBudget(context.clock);
    const { network, eventLog } = context;
    const { cluster } = context.roster();
    network.subscribe(presenceTopic(cluster), {
      validate: (message) => this.take(message, null),
      deliver: () => {},
    });
    network.subscribe(eventsTopic(cluster), {
      validate: (message) => this.#events(message),
      deliver: () => {},
    });
    eventLog.listen((event) => this.#own(event));
    options.storeHistory.generation.onRaise(() => this.#soon());
    this.#beat();
  }

  presence(peer: PeerId): Presence | undefined {
    return this.#presences.get(peer);
  }

  /** The latest boot of a peer, in hex; null while it is not known. */
  boot(peer: PeerId): string | null {
    return this.#presences.get(peer)?.boot.toHex() ?? null;
  }

  /** Publishes this node's presence, now and every few seconds. */
  #beat(): void {
    const { context } = this.#options;
    this.#timer = context.clock.timer(presenceEvery, () => this.#beat());
    void this.now().then((presence) =>
      context.stopping.aborted
        ? undefined
        : context.network.publish(presenceTopic(context.roster().cluster), presence)
    );
  }

  /** This node's presence at this moment, signed. */
  async now(): Promise<Uint8Array> {
    const { context, links } = this.#options;
    using key = keyPair(context.random);
    return (await sign(context.identity, presenceRecord, links.ownPresence.next(key.publicKey))).encoded;
  }

  /**
   * Publishes the next presence soon, because a link, the lock of the shares or the generation of the store
   * has changed.
   */
  #soon(): void {
    if (this.#options.context.stopping.aborted) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#options.context.clock.timer(presenceAfterLink, () => this.#beat());
  }

  /**
   * Takes a presence.
   *
   * @param from The peer that sent it over its own channel, in answer to a question; null for gossip.
   */
  async take(message: Uint8Array, from: PeerId | null): Promise<Verdict> {
    const { context, storeHistory, otherRoster } = this.#options;
    const read = await readSigned(context.identity, presenceRecord, message);
    if (!read || read.by !== read.value.peer) return this.#rejected();
    if (!context.member(read.by)) return "ignore";
    if (read.by === context.identity.peer) {
      await storeHistory.take(read);
      return "ignore";
    }
    const isNew = read.by === from
      ? this.#presences.takeAnswer(read.value)
      : this.#presences.takeGossip(read.value, context.clock.now());
    if (!isNew) return "ignore";
    if (read.by !== from && !this.#budget.spend(read.by, "presence")) return "ignore";
    await storeHistory.take(read);
    context.eventLog.peerTime(read.by, read.value.time);
    if (read.value.rosterVersion > context.roster().version) otherRoster(read.by, read.value.rosterVersion);
    return "accept";
  }

  /**
   * Whether the budget of a peer covers a batch. Batches of an earlier start, which anybody can repeat, have
   * a budget of their own, so that they cannot use up that of the latest.
   */
  #affords(by: PeerId, items: readonly NodeEvent[]): boolean {
    const latest = this.#presences.get(by)?.boot.toHex();
    const isLatest = items.every((event) => "boot" in event && event.boot === latest);
    return this.#budget.spend(by, isLatest ? "latest" : "earlier");
  }

  #rejected(): Verdict {
    this.#options.context.eventLog.warn("unauthentic-frame", null);
    return "reject";
  }

  async #events(message: Uint8Array): Promise<Verdict> {
    const { context, newKeys, newBan, withoutShare } = this.#options;
    const read = message.length > maxBatch * 2 ? null : await readEvents(context.identity, message);
    if (!read) return this.#rejected();
    if (!context.member(read.by) || read.by === context.identity.peer) return "ignore";
    if (this.#taken.has(read.by, message) || !this.#affords(read.by, read.items)) return "ignore";
    this.#taken.add(read.by, message);
    for (const event of read.items) {
      if (event.type === "quarantine") this.#options.quarantine(event); // before a listener of the log looks at it
      context.eventLog.emitReported(event);
    }
    const active = read.items.flatMap((event) =>
      event.type === "key" && event.state === "active" ? [event.session] : []
    );
    if (active.length > 0) newKeys(read.by, active);
    if (read.items.some((event) => event.type === "key" && event.held === false)) withoutShare(read.by);
    if (read.items.some((event) => event.type === "ban")) newBan(read.by);
    return "accept";
  }

  /** Adds an event of this node to the next batch. Of a link's key exchange, only the failure is sent. */
  #own(event: NodeEvent): void {
    const ownRollback = event.type === "rollback" && event.other === this.#options.context.identity.peer;
    if (event.type === "link" || event.type === "locked" || ownRollback) this.#soon();
    const { clock, stopping } = this.#options.context;
    if (event.type === "join") return; // requests to join concern this node only
    if (stopping.aborted || ("kind" in event && event.kind === "ecdh" && event.type !== "failed")) return;
    // These concern this node only, and change with every tab that comes or goes.
    if (["carrier", "reservation", "certificate", "roster-file"].includes(event.type)) return;
    this.#pending.push(event);
    if (this.#batching) return;
    const due = Math.max(0, this.#sentAt + 1000 / batchesPerSecond - clock.monotonic());
    this.#batching = clock.timer(due, () => this.#send());
  }

  #send(): void {
    const { context } = this.#options;
    this.#batching = null;
    this.#sentAt = context.clock.monotonic();
    const waiting = fold(this.#pending.splice(0));
    let room = maxBatch;
    const fits = waiting.findIndex((event) => (room -= JSON.stringify(event).length) < 0);
    const batch = waiting.splice(0, fits < 0 ? waiting.length : Math.max(1, fits));
    this.#pending.push(...waiting);
    if (waiting.length > 0) this.#batching = context.clock.timer(1000 / batchesPerSecond, () => this.#send());
    void sign(context.identity, eventsCodec, batch).then(({ encoded }) =>
      context.stopping.aborted
        ? undefined
        : context.network.publish(eventsTopic(context.roster().cluster), encoded)
    );
  }

  keepOnly(isMember: IsMember): void {
    for (const kept of [this.#presences, this.#taken, this.#budget]) kept.keepOnly(isMember);
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#batching?.[Symbol.dispose]();
  }
}

/** The topic of presences. */
export const presenceTopic = (cluster: PeerId) => `quorate/4/presence/${cluster}`;
/** The topic of batches of events. */
export const eventsTopic = (cluster: PeerId) => `quorate/4/events/${cluster}`;

/**
 * Drops the arrival of single messages in rounds that are finished. An id counts together with its initiator.
 */
export function fold(events: readonly NodeEvent[]): NodeEvent[] {
  const place = ({ initiator, id, round }: RoundEvent | Heard) => `${initiator} ${id} ${round}`;
  const done = new Set(
    events.flatMap((event) => event.type === "round" && event.state === "done" ? [place(event)] : []),
  );
  return events.filter((event) => !(event.type === "heard" && done.has(place(event))));
}
