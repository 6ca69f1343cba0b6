/**
 * The answers to who asks what came of a command of its own. An id belongs to its initiator: another peer that asks
 * with the same id asks about another command.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, record } from "../../../crypto/codec.ts";
import { ChannelError, unlessStore } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { firstFrameMs, maxOutcome, maxOutcomeFrame, maxOutcomeQuestions } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import type { Context } from "../../events/event_context.ts";
import { AnsweredAtOnce } from "../../links/answered_at_once.ts";
import { commandKey } from "../../records/command.ts";
import { protocols } from "../../records/protocols.ts";
import type { Outcomes } from "./outcomes.ts";
import type { ReplayGuard } from "../replay_guard.ts";
import { encodeOutcome, type UnderWay } from "../results.ts";

export const outcomeQuestion = record("quorate/1/outcome-question", { id: bytes(16) });

export const outcomeAnswer = record("quorate/1/outcome-answer", {
  /**
   * `kept`: the outcome is here. `running`: there is none yet. `forgotten`: there was one, and its time is over.
   * `lost`: it was carried out, and its outcome is not here, as after a crash. `unknown`: nothing is known of the id.
   */
  state: v.picklist(["kept", "running", "forgotten", "lost", "unknown"]),
  /** The outcome, with the order; of a running command the order alone. Empty for the other states. */
  outcome: bytesUpTo(maxOutcome),
});
export type OutcomeAnswer = ReturnType<typeof outcomeAnswer.decode>;

/** The parts of a node that carry commands out. */
interface Carrying {
  /** A command that is under way, if it is. @param key See `commandKey`. */
  underWay(key: string): UnderWay | undefined;
}

/** The part of a node that coordinates. */
interface Coordinating extends Carrying {
  /** The outcome of a command that failed here before it was a session, if it is known. */
  unopened(initiator: PeerId, key: string): Uint8Array | undefined;
}

export interface OutcomeServerOptions {
  readonly context: Pick<Context, "network" | "clock" | "stopping" | "eventLog">;
  readonly replayGuard: ReplayGuard;
  readonly outcomes: Outcomes;
  readonly coordinator: Coordinating;
  readonly sessions: Carrying;
}

export class OutcomeServer {
  readonly #options: OutcomeServerOptions;
  readonly #atOnce = new AnsweredAtOnce(maxOutcomeQuestions);

  constructor(options: OutcomeServerOptions) {
    this.#options = options;
    const handler = (channel: Channel) => void this.#atOnce.serve(channel, (asked) => this.#receive(asked));
    options.context.network.handle(protocols.outcome, handler, { maxFrame: maxOutcomeFrame });
  }

  /** This node's own answer to the initiator of a command. */
  async answer(initiator: PeerId, id: Uint8Array): Promise<OutcomeAnswer> {
    const { replayGuard, outcomes, coordinator, sessions } = this.#options;
    const nothing = new Uint8Array();
    const key = commandKey(initiator, id);
    const running = coordinator.underWay(key) ?? sessions.underWay(key);
    if (running) return { state: "running", outcome: encodeOutcome(running, running.coordinator, nothing) };
    const carried = replayGuard.carried(key);
    const unopened = carried ? undefined : coordinator.unopened(initiator, key);
    if (unopened) return { state: "kept", outcome: unopened };
    if (!carried) return { state: "unknown", outcome: nothing };
    if (replayGuard.isOutcomeForgotten(key)) return { state: "forgotten", outcome: nothing };
    const outcome = await outcomes.of({ id: key, expires: carried.expires }).catch(unlessStore);
    return outcome ? { state: "kept", outcome } : { state: "lost", outcome: nothing };
  }

  async #receive(channel: Channel): Promise<void> {
    const { clock, stopping, eventLog } = this.#options.context;
    using patience = deadline(clock, firstFrameMs, stopping);
    try {
      const frame = await orAborted(channel.receive(), patience.signal);
      const id = frame && idIn(frame);
      if (!id) {
        if (frame) eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      await channel.send(outcomeAnswer.encode(await this.answer(channel.peer, id)));
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // whoever asked went away
    }
  }
}

function idIn(frame: Uint8Array): Uint8Array | null {
  try {
    return outcomeQuestion.decode(frame).id;
  } catch {
    return null; // the caller warns
  }
}
