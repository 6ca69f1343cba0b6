/**
 * The answers to who asks what came of a command of its own. An id belongs to its initiator: another peer that asks
 * with the same id asks about another command.
 * @module
 */
import * as v from "valibot";
import { bytes, bytesUpTo, record, uint } from "../../../crypto/codec.ts";
import { ChannelError, unlessStore } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import {
  clockSkew,
  firstFrameMs,
  maxOutcome,
  maxOutcomeFrame,
  maxOutcomeQuestions,
} from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import type { Context } from "../../events/event_context.ts";
import { AnsweredAtOnce } from "../../links/answered_at_once.ts";
import { commandKey } from "../../records/command.ts";
import { protocols } from "../../records/protocols.ts";
import type { GivenTurn } from "../invited/coordinator_turns.ts";
import type { Outcomes } from "./outcomes.ts";
import type { ReplayGuard } from "../replay_guard.ts";
import { encodeOutcome, type UnderWay } from "../results.ts";

export const outcomeQuestion = record("quorate/2/outcome-question", {
  id: bytes(16),
  /**
   * The turn that the initiator gives next, if nothing is known of the id: of this order (see `orderKey`), at this place of
   * its list. Whoever says `unknown` then accepts nothing of the command that comes before. Empty if it only asks.
   */
  order: v.union([bytes(0), bytes(32)]),
  place: uint,
});

export const outcomeAnswer = record("quorate/1/outcome-answer", {
  /**
   * `kept`: the outcome is here. `running`: there is none yet, or a go may come any moment. `forgotten`: there was one, and its time is over.
   * `lost`: it was carried out, and its outcome is not here, as after a crash. `unknown`: nothing is known of the id.
   * `earlier`: nothing came of it here, but an order under this id has had a turn, or rows of ids are damaged; only to a
   * question that only asks.
   */
  state: v.picklist(["kept", "running", "forgotten", "lost", "unknown", "earlier"]),
  /** The outcome, with the order; of a running command the order alone. Empty for the other states. */
  outcome: bytesUpTo(maxOutcome),
});
export type OutcomeAnswer = ReturnType<typeof outcomeAnswer.decode>;

/** The parts of a node that carry commands out. */
interface Carrying {
  /** A command that is under way, if it is. @param key See `commandKey`. */
  underWay(key: string): UnderWay | undefined;
}

/** The part of a node that knows whose turn it is to coordinate. */
interface Turns {
  /** A command that was accepted here, if an accept is open. @param key See `commandKey`. */
  open(key: string): UnderWay | undefined;
  /** Whether an order of a command has had a turn. @param key See `commandKey`. */
  has(key: string): boolean;
  moveTo(initiator: PeerId, key: string, turn: GivenTurn): boolean;
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
  readonly turns: Turns;
}

export class OutcomeServer {
  readonly #options: OutcomeServerOptions;
  readonly #atOnce = new AnsweredAtOnce(maxOutcomeQuestions);

  constructor(options: OutcomeServerOptions) {
    this.#options = options;
    const handler = (channel: Channel) => void this.#atOnce.serve(channel, (asked) => this.#receive(asked));
    options.context.network.handle(protocols.outcome, handler, { maxFrame: maxOutcomeFrame });
  }

  /**
   * This node's own answer to the initiator of a command.
   *
   * @param turn The turn to move to, if nothing is known of the id.
   * @returns Null if it cannot move to it, or cannot read a row that may have the id.
   */
  async answer(initiator: PeerId, id: Uint8Array, turn: GivenTurn | null): Promise<OutcomeAnswer | null> {
    const { replayGuard, outcomes, coordinator, sessions, turns, context: { clock } } = this.#options;
    const nothing = new Uint8Array();
    const key = commandKey(initiator, id);
    const running = coordinator.underWay(key) ?? sessions.underWay(key);
    if (running) return { state: "running", outcome: encodeOutcome(running, running.coordinator, nothing) };
    const carried = replayGuard.carried(key);
    const unopened = carried ? undefined : coordinator.unopened(initiator, key);
    if (unopened) return { state: "kept", outcome: unopened };
    if (!carried) {
      const open = turns.open(key);
      if (open) return { state: "running", outcome: encodeOutcome(open, open.coordinator, nothing) };
      const since = turn !== null && turn.place > 0 ? clock.now() - clockSkew : 0;
      const isDamaged = replayGuard.isDamaged(key, since);
      if (turn === null) {
        return { state: isDamaged || turns.has(key) ? "earlier" : "unknown", outcome: nothing };
      }
      // It may have carried the command out, and promises nothing.
      if (isDamaged) return null;
      // Nothing is awaited between the look and the move: no accept comes in between.
      return turns.moveTo(initiator, key, turn) ? { state: "unknown", outcome: nothing } : null;
    }
    if (replayGuard.isOutcomeForgotten(key)) return { state: "forgotten", outcome: nothing };
    const outcome = await outcomes.of({ id: key, expires: carried.expires }).catch(unlessStore);
    return outcome ? { state: "kept", outcome } : { state: "lost", outcome: nothing };
  }

  async #receive(channel: Channel): Promise<void> {
    const { clock, stopping, eventLog } = this.#options.context;
    using patience = deadline(clock, firstFrameMs, stopping);
    try {
      const frame = await orAborted(channel.receive(), patience.signal);
      const question = frame && decoded(frame);
      if (!question) {
        if (frame) eventLog.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const { id, order, place } = question;
      const answer = await this.answer(channel.peer, id, order.length > 0 ? { order, place } : null);
      if (answer === null) return channel.abort();
      await channel.send(outcomeAnswer.encode(answer));
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // whoever asked went away
    }
  }
}

function decoded(frame: Uint8Array): ReturnType<typeof outcomeQuestion.decode> | null {
  try {
    return outcomeQuestion.decode(frame);
  } catch {
    return null; // the caller warns
  }
}
