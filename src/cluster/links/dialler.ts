/**
 * The dialler: it keeps this node connected to every reachable peer of the roster, at its addresses or over a
 * relay, and tries to replace relayed connections by direct ones.
 * @module
 */
import { ChannelError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { retryFirst, retryLast } from "../../limits.ts";
import type { Network } from "../../ports.ts";
import { deadline } from "../../session/deadline.ts";
import type { Context } from "../events/event_context.ts";

/** The time that the peer with the higher id waits before it dials, ms: normally the other peer dials. */
const higherDialsAfter = 1_500;

/**
 * The additional time that a peer with addresses waits before it tries the other over relays, ms: the
 * connection that the other dials is better.
 */
const dialledWaits = 3_000;

/** The time after which a dial is given up and tried again, ms. */
const dialMs = 10_000;

/**
 * The longest wait between two tries to replace a relayed connection by a direct one, ms: two networks that
 * prevent it will hardly change, and each try costs both peers a negotiation.
 */
const betterLast = 60_000;

/** The part of a node that a dialler needs. */
export type DialContext =
  & Pick<Context, "identity" | "clock" | "random" | "eventLog" | "roster" | "member" | "stopping">
  & { network: Pick<Network, "addresses" | "connected" | "connect" | "disconnect" | "carrier" | "routes"> };

export class Dialler {
  readonly #context: DialContext;
  readonly #timers = new Map<PeerId, Disposable>();
  readonly #dialling = new Set<PeerId>();
  readonly #failures = new Map<PeerId, number>();
  /**
   * The peers that refused, which has been reported; with the peer that answered in their place, if another
   * did.
   */
  readonly #refusing = new Map<PeerId, PeerId | null>();

  constructor(context: DialContext) {
    this.#context = context;
    this.look();
  }

  /**
   * Dials every reachable peer without a direct connection. A node that is not in the roster dials nobody.
   */
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

  /** The carrier of a peer's connection has changed, or the peer has become a relay to others. */
  changed(peer: PeerId): void {
    if (this.#settled(peer)) this.connected(peer);
    this.look();
  }

  /** Whether a peer has a direct connection. */
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

  /**
   * The time that this side waits before it dials, ms: if both sides can dial, only one does, to avoid two
   * connections.
   */
  #turn(peer: PeerId): number {
    const { identity, network } = this.#context;
    const isDialable = network.addresses().length > 0;
    const isPeerDialable = (this.#context.member(peer)?.addresses ?? []).length > 0;
    if (isPeerDialable && !isDialable) return 0;
    const turn = identity.peer < peer ? 0 : higherDialsAfter;
    return isDialable && !isPeerDialable ? turn + dialledWaits : turn;
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

  /** @param found The peer that answered instead, or null. */
  #refused(peer: PeerId, found: PeerId | null): void {
    if (this.#refusing.get(peer) === found) return;
    this.#refusing.set(peer, found);
    this.#context.eventLog.emit({
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
