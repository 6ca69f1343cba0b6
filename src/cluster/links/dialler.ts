/**
 * Keeps this node connected to every peer of the roster that can be reached: at its addresses, or over a relay; and
 * asks for something better where only a relay connects two.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Network } from "../../ports.ts";
import { deadline } from "../../session/deadline.ts";
import type { Context } from "../context.ts";

/** How much longer the higher peer id waits before it dials itself, ms: normally it is dialled. */
const higherWaits = 1_500;

/**
 * How much longer than that a peer waits that can be dialled itself, before it looks for the other over relays, ms: what
 * the other dials is better.
 */
const dialledWaits = 3_000;

/** A dial that takes longer is tried again, ms. */
const dialMs = 10_000;

/**
 * Last wait before a pair that a relay connects is tried again for something better, ms: two networks that do not let
 * them will hardly change their mind, and each try costs both a negotiation.
 */
const betterLast = 60_000;

/** What a dialler needs of a node. */
export type DialContext =
  & Pick<Context, "identity" | "clock" | "random" | "teller" | "roster" | "member" | "stopping">
  & { network: Pick<Network, "addresses" | "connected" | "connect" | "disconnect" | "carrier" | "routes"> };

export class Dialler {
  readonly #context: DialContext;
  readonly #timers = new Map<PeerId, Disposable>();
  readonly #dialling = new Set<PeerId>();
  readonly #failures = new Map<PeerId, number>();
  /** Who has said no, and has been told of; or who answered in its place. */
  readonly #refusing = new Map<PeerId, PeerId | null>();

  constructor(context: DialContext) {
    this.#context = context;
    this.look();
  }

  /** Dials whom something leads to and nothing better than a relay connects. A node that is not in the roster dials nobody. */
  look(): void {
    const { identity, stopping } = this.#context;
    if (stopping.aborted) return;
    if (!this.#context.member(identity.peer)) return this.stop();
    for (const { peer } of this.#context.roster().peers) {
      const busy = peer === identity.peer || this.#timers.has(peer) || this.#dialling.has(peer);
      if (!busy && !this.#settled(peer) && this.#ways(peer).length > 0) this.#schedule(peer);
    }
  }

  connected(peer: PeerId): void {
    this.#failures.delete(peer);
    this.#refusing.delete(peer);
    this.#timers.get(peer)?.[Symbol.dispose]();
    this.#timers.delete(peer);
  }

  disconnected(_peer: PeerId): void {
    this.look();
  }

  /** What carries the connection to a peer is another, or a peer became a way to others. */
  changed(peer: PeerId): void {
    if (this.#settled(peer)) this.connected(peer);
    this.look();
  }

  /** Whether there is nothing better to be had. */
  #settled(peer: PeerId): boolean {
    return this.#context.network.carrier(peer)?.relayed === false;
  }

  #ways(peer: PeerId): readonly string[] {
    return [...this.#context.member(peer)?.addresses ?? [], ...this.#context.network.routes(peer)];
  }

  #schedule(peer: PeerId): void {
    const { network, random } = this.#context;
    const failures = this.#failures.get(peer) ?? 0;
    const last = network.carrier(peer)?.relayed ? betterLast : retryLast;
    const full = failures === 0 ? 0 : Math.min(last, retryFirst * 2 ** failures);
    const ms = this.#turn(peer) + full / 2 + full / 2 * random(1)[0]! / 255;
    this.#timers.set(peer, this.#context.clock.timer(ms, () => void this.#dial(peer)));
  }

  /** Only one side of a pair dials, where both could: two connections at once help nobody. */
  #turn(peer: PeerId): number {
    const { identity, network } = this.#context;
    const [mine, theirs] = [network.addresses(), this.#context.member(peer)?.addresses ?? []];
    if (theirs.length > 0 && mine.length === 0) return 0;
    const turn = identity.peer < peer ? 0 : higherWaits;
    return mine.length > 0 && theirs.length === 0 ? turn + dialledWaits : turn;
  }

  async #dial(peer: PeerId): Promise<void> {
    const { network, clock, stopping } = this.#context;
    const ways = this.#ways(peer);
    this.#timers.delete(peer);
    if (ways.length === 0 || stopping.aborted || this.#settled(peer)) return;
    using patience = deadline(clock, dialMs, stopping);
    this.#dialling.add(peer);
    try {
      await network.connect(peer, ways, patience.signal);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (error.reason === "refused") this.#refused(peer, error.found);
    } finally {
      this.#dialling.delete(peer);
    }
    if (stopping.aborted || this.#settled(peer)) return;
    this.#failures.set(peer, (this.#failures.get(peer) ?? 0) + 1);
    this.#schedule(peer);
  }

  /** @param found Who answered instead of it, if anybody did. */
  #refused(peer: PeerId, found: PeerId | null): void {
    if (this.#refusing.get(peer) === found) return;
    this.#refusing.set(peer, found);
    this.#context.teller.tell({
      type: "peer",
      other: peer,
      ...found === null ? { state: "refused" } : { state: "another", found },
    });
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}
