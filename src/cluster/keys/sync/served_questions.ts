/**
 * The served side of questions between peers: each question has a time limit, and a few of one peer are
 * answered at once.
 * @module
 */
import { ChannelError, StoreError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { maxCommandFrame, maxQuestions, questionMs } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import type { Context } from "../../events/event_context.ts";
import { AnsweredAtOnce } from "../../links/answered_at_once.ts";
import { protocols } from "../../records/protocols.ts";
import { type About, answerRecord, questionRecord, read } from "../../roster/sync_question.ts";

/** Answers a question: returns its items. @throws {StoreError} */
export type Answer = (
  peer: PeerId,
  shown: Uint8Array,
) => Iterable<Uint8Array> | Promise<Iterable<Uint8Array>>;

export class ServedQuestions {
  readonly #context: Pick<Context, "clock" | "stopping">;
  readonly #answers: Readonly<Record<About, Answer>>;
  readonly #atOnce = new AnsweredAtOnce(maxQuestions);

  constructor(
    context: Pick<Context, "clock" | "stopping" | "network">,
    answers: Readonly<Record<About, Answer>>,
  ) {
    this.#context = context;
    this.#answers = answers;
    const handler = (channel: Channel) => void this.#atOnce.serve(channel, (asked) => this.#answer(asked));
    context.network.handle(protocols.sync, handler, { maxFrame: maxCommandFrame });
  }

  async #answer(channel: Channel): Promise<void> {
    const { clock, stopping } = this.#context;
    const inTime = async <T>(outcome: Promise<T>) => {
      using patience = deadline(clock, questionMs, stopping);
      return await orAborted(outcome, patience.signal);
    };
    try {
      const frame = await inTime(channel.receive());
      const question = frame === null ? null : read(() => questionRecord.decode(frame));
      if (question === null) return channel.abort();
      for (const item of await this.#answers[question.about](channel.peer, question.shown)) {
        const sent = channel.send(answerRecord.encode({ item })).then(() => true);
        if (await inTime(sent) === null) return channel.abort(); // a peer that does not read is not waited for
      }
      await channel.end();
    } catch (error) {
      if (error instanceof StoreError) return channel.abort(); // no answer before it is on disk
      if (!(error instanceof ChannelError)) throw error;
    }
  }
}
