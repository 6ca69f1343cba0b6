/**
 * A limit for the questions of one peer that are answered at the same time.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import type { Channel } from "../../ports.ts";

export class AnsweredAtOnce {
  readonly #most: number;
  /** The number of questions of a peer that are being answered. */
  readonly #answering = new Map<PeerId, number>();

  /** @param most The questions of one peer. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Answers a question, or hangs up on a peer that has too many. */
  async serve(channel: Channel, answer: (channel: Channel) => Promise<void>): Promise<void> {
    const { peer } = channel;
    const others = this.#answering.get(peer) ?? 0;
    if (others >= this.#most) return channel.abort();
    this.#answering.set(peer, others + 1);
    try {
      await answer(channel);
    } finally {
      const left = this.#answering.get(peer)! - 1;
      if (left > 0) this.#answering.set(peer, left);
      else this.#answering.delete(peer);
    }
  }
}
