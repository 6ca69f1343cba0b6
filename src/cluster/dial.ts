/**
 * Keeps this node connected to every peer of the roster that can be dialled.
 * @module
 */
import { ChannelError, type PeerId } from "../failure.ts";
import { retryFirst, retryLast } from "../limits.ts";
import { deadline } from "../session/deadline.ts";
import type { Context } from "./context.ts";

/** How much longer the higher peer id waits before it dials itself, ms: normally it is dialled. */
const higherWaits = 1_500;

/** A dial that takes longer is tried again, ms. */
const dialMs = 10_000;

export class Dialler {
  readonly #context: Context;
  readonly #timers = new Map<PeerId, Disposable>();
  readonly #failures = new Map<PeerId, number>();
  /** Who has said no, and has been told of. */
  readonly #refusing = new Set<PeerId>();

  constructor(context: Context) {
    this.#context = context;
    this.look();
  }

  /** Looks at the roster: dials who is new in it. A node that is not in it dials nobody. */
  look(): void {
    const { network, identity } = this.#context;
    const { peers } = this.#context.roster();
    if (!this.#context.member(identity.peer)) return this.stop();
    const connected = new Set(network.connected());
    for (const { peer, addresses } of peers) {
      if (peer === identity.peer || addresses.length === 0 || connected.has(peer) || this.#timers.has(peer)) {
        continue;
      }
      this.#schedule(peer);
    }
  }

  connected(peer: PeerId): void {
    this.#failures.delete(peer);
    this.#refusing.delete(peer);
    this.#timers.get(peer)?.[Symbol.dispose]();
    this.#timers.delete(peer);
  }

  disconnected(_peer: PeerId): void {
    if (!this.#context.stopping.aborted) this.look();
  }

  #schedule(peer: PeerId): void {
    const { identity, network, random } = this.#context;
    const failures = this.#failures.get(peer) ?? 0;
    const full = failures === 0 ? 0 : Math.min(retryLast, retryFirst * 2 ** failures);
    // Only one side of a pair dials, where both could: two connections at once help nobody.
    const turn = identity.peer < peer || network.addresses().length === 0 ? 0 : higherWaits;
    const ms = turn + full / 2 + full / 2 * random(1)[0]! / 255;
    this.#timers.set(peer, this.#context.clock.timer(ms, () => void this.#dial(peer)));
  }

  async #dial(peer: PeerId): Promise<void> {
    const { network, clock, stopping } = this.#context;
    const addresses = this.#context.member(peer)?.addresses;
    if (!addresses || stopping.aborted || network.connected().includes(peer)) {
      return void this.#timers.delete(peer);
    }
    using patience = deadline(clock, dialMs, stopping);
    try {
      await network.connect(peer, addresses, patience.signal);
      this.#timers.delete(peer);
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      if (error.reason === "refused") this.#refused(peer);
      this.#failures.set(peer, (this.#failures.get(peer) ?? 0) + 1);
      if (!stopping.aborted) this.#schedule(peer);
    }
  }

  #refused(peer: PeerId): void {
    if (this.#refusing.has(peer)) return;
    this.#refusing.add(peer);
    this.#context.teller.tell({ type: "peer", other: peer, state: "refused" });
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}
