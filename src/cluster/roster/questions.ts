/**
 * The questions that a node asks other peers about the cluster's state. Each has a time limit; questions of
 * one kind to one peer are asked one after the other.
 * @module
 */
import type { PeerId } from "../../failure.ts";
import { betweenQuestions, questionMs } from "../../limits.ts";
import { deadline } from "../../session/deadline.ts";
import type { BaseContext } from "../context.ts";
import type { Warnings } from "./roster_context.ts";
import { type About, ask } from "./sync_question.ts";
import { Turns } from "./turns.ts";

/** The parts of a context that questions need. */
export type QuestionContext = Pick<BaseContext, "network" | "clock" | "stopping"> & {
  readonly eventLog: Warnings;
};

export class Questions {
  readonly #context: QuestionContext;
  /**
   * Each peer is asked a question of each kind at most once a second, however often gossip gives rise to it.
   */
  readonly #turns: Turns;

  constructor(context: QuestionContext) {
    this.#context = context;
    this.#turns = new Turns(context.clock, betweenQuestions, context.stopping);
  }

  /** Does `work`, which asks `peer` a question, when its turn comes. Resolves when that turn is over. */
  inTurn(about: About, peer: PeerId, work: () => Promise<void>): Promise<void> {
    return this.#turns.take(`${about} ${peer}`, work);
  }

  /**
   * Asks a peer, and yields each item of the answer as it comes.
   *
   * @param shown See {@linkcode questionRecord}.
   * @param answered Called when the answer is complete.
   */
  async *ask(
    peer: PeerId,
    about: About,
    shown: Uint8Array = new Uint8Array(),
    answered?: () => void,
  ): AsyncGenerator<Uint8Array, void> {
    const { network, clock, stopping, eventLog } = this.#context;
    using patience = deadline(clock, questionMs, stopping);
    const excess = () => eventLog.warn("oversized-frame", peer);
    yield* ask(network, peer, { about, shown, excess, ...(answered ? { answered } : {}) }, patience.signal);
  }
}
