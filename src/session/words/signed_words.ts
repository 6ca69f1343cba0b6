/**
 * The signed words of one kind that a session waits for, one of each peer: releases, or votes.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Envelope } from "../../ports.ts";
import { encodeEnvelope } from "../envelope.ts";

export class SignedWords {
  readonly #from: readonly PeerId[];
  readonly #signal: AbortSignal;
  readonly #words = new Map<PeerId, Envelope>();
  readonly #left = new Set<PeerId>();
  #wake = () => {};

  /**
   * @param from The other peers whose words are due.
   * @param signal Aborted, with a {@linkcode SessionError} as reason, when the session ends.
   */
  constructor(from: readonly PeerId[], signal: AbortSignal) {
    this.#from = from;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** Whether nothing more is due of a peer. */
  has(peer: PeerId): boolean {
    return this.#words.has(peer) || !this.#from.includes(peer);
  }

  all(): ReadonlyMap<PeerId, Envelope> {
    return this.#words;
  }

  missing(): readonly PeerId[] {
    return this.#from.filter((peer) => !this.#words.has(peer));
  }

  /**
   * Takes a word; the first one of a peer counts, and that of a peer of which none is due is not kept.
   *
   * @throws {SessionError} `equivocation`, for two different ones.
   */
  add(envelope: Envelope): void {
    if (!this.#from.includes(envelope.from)) return;
    const earlier = this.#words.get(envelope.from);
    if (earlier && !equal(earlier.body, envelope.body)) {
      const evidence = [earlier, envelope].map(encodeEnvelope);
      throw new SessionError("equivocation", { culprits: [envelope.from], evidence });
    }
    if (!earlier) this.#words.set(envelope.from, envelope);
    this.#wake();
  }

  /** Notes that a peer has left: no word of it will come. */
  left(peer: PeerId): void {
    this.#left.add(peer);
    this.#wake();
  }

  /** Resolves with everyone's. @throws {SessionError} `peer-left`, or what ended the session. */
  async collect(): Promise<ReadonlyMap<PeerId, Envelope>> {
    for (let missing = this.missing(); missing.length > 0; missing = this.missing()) {
      this.#signal.throwIfAborted();
      const left = missing.filter((peer) => this.#left.has(peer));
      if (left.length === missing.length) throw new SessionError("peer-left", { missing: left });
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#words; // what all have signed, no later message takes back
  }
}
