/**
 * The votes of a session's members on the key that it makes.
 * @module
 */
import { equal } from "../crypto/codec.ts";
import { SessionError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import type { Envelope } from "../ports.ts";
import type { Ballot } from "./plan.ts";

export interface VotesOptions {
  /** The other members. */
  others: readonly PeerId[];
  opens: ReadonlyMap<PeerId, Uint8Array>;
  /** Aborted, with a {@linkcode SessionError} as reason, when the session ends. */
  signal: AbortSignal;
  /** Sends this node's vote to everyone. */
  cast(body: Uint8Array): void;
}

export class Votes implements Ballot {
  readonly opens: ReadonlyMap<PeerId, Uint8Array>;
  readonly signal: AbortSignal;
  readonly #options: VotesOptions;
  readonly #votes = new Map<PeerId, Envelope>();
  readonly #left = new Set<PeerId>();
  #pending = false;
  #wake = () => {};

  constructor(options: VotesOptions) {
    this.#options = options;
    this.opens = options.opens;
    this.signal = options.signal;
    this.signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** Whether this node's share is on disk. */
  get isPending(): boolean {
    return this.#pending;
  }

  has(peer: PeerId): boolean {
    return this.#votes.has(peer);
  }

  /**
   * Takes a vote; the first one of a peer counts.
   *
   * @throws {SessionError} `equivocation`, for two different ones.
   */
  add(envelope: Envelope): void {
    const earlier = this.#votes.get(envelope.from);
    if (earlier && !equal(earlier.body, envelope.body)) {
      throw new SessionError("equivocation", { culprits: [envelope.from] });
    }
    if (!earlier) this.#votes.set(envelope.from, envelope);
    this.#wake();
  }

  /** Notes that a peer has left: no vote of it will come. */
  left(peer: PeerId): void {
    this.#left.add(peer);
    this.#wake();
  }

  votes(): ReadonlyMap<PeerId, Envelope> {
    return this.#votes;
  }

  missing(): readonly PeerId[] {
    return this.#options.others.filter((peer) => !this.#votes.has(peer));
  }

  cast(body: Uint8Array): void {
    this.#options.cast(body);
  }

  pending(): void {
    this.#pending = true;
  }

  async collect(): Promise<ReadonlyMap<PeerId, Envelope>> {
    for (let missing = this.missing(); missing.length > 0; missing = this.missing()) {
      this.signal.throwIfAborted();
      const left = missing.filter((peer) => this.#left.has(peer));
      if (left.length === missing.length) throw new SessionError("peer-left", { missing: left });
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#votes; // all members have voted yes: no later message takes that back
  }
}
