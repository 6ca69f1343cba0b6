/**
 * The coordinators of one command of this node, in their turn: the first of its list, and if that is lost, or stops, the
 * next, once no party can have carried it out, or still carry it out, unseen. The order stays the same, and with it what
 * was consented to.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { pause } from "../../../session/deadline.ts";
import { type Order, orderKey } from "../../records/command.ts";
import type { GivenTurn } from "../invited/coordinator_turns.ts";
import type { CommandOutcome } from "../results.ts";
import { cancelAt, type Cancelling, peersOf } from "./earlier_command.ts";
import type { MemberResults } from "./member_results.ts";
import { ask, type EarlierOptions } from "./outcome_question.ts";
import type { Under } from "./possible_parties.ts";
import { RemoteCommand } from "./remote_command.ts";

/** The number of times that the last coordinator is given an order again, after a crash. */
const mostGivenAgain = 3;

/** The interval at which a turn is given again to members that may not have it, ms. */
const givenAgainEvery = 1_000;

export interface InTurnOptions extends EarlierOptions {
  readonly order: Order;
  readonly cancelling: Cancelling;
  /** Collects the results of a command that this peer coordinates. */
  collect(coordinator: PeerId): MemberResults;
  /** See `followEarlier`. */
  earlier(under: Under, turn: GivenTurn | null): Promise<CommandOutcome | null>;
}

/** @throws {SessionError} The failure of the last one that was given the order; or as of `followEarlier`. */
export async function inTurn(options: InTurnOptions): Promise<CommandOutcome> {
  const { order, cancelling: { cancel, cancelled }, context: { stopping, network } } = options;
  const { coordinators } = order.command.value;
  let place = 0;
  // One that was lost to this node may be back, and still carry it out.
  const cancelBefore = () => void cancelAt(options, coordinators.slice(0, place), order, cancel);
  cancelled.addEventListener("abort", cancelBefore, { once: true });
  let givenAgain = 0;
  let isHandedOver = false;
  for (;;) {
    if (cancelled.aborted) throw new SessionError("cancelled");
    const coordinator = coordinators[place]!;
    const remote = new RemoteCommand({ ...options, coordinator, results: options.collect(coordinator) });
    try {
      using _turns = place > 0 ? givingAgain(options, place) : null;
      return await remote.run(cancel, cancelled);
    } catch (error) {
      if (!(error instanceof SessionError) || stopping.aborted) throw error;
      // Each coordinator counts the lifetime anew: nobody waits for it any more, and it may still invite.
      if (isLate(error)) void cancelAt(options, coordinators.slice(0, place + 1), order, cancel);
      const isCarriedOut = error.code === "replayed-command";
      const isGone = remote.isLost || ["shutdown", "suspended"].includes(error.code);
      // The last one, if it has crashed and is back already, may be given the order again: it has forgotten it.
      const isThere = remote.isLost && network.connected().includes(coordinator);
      const isBack = isThere && givenAgain < mostGivenAgain;
      const isLast = place === coordinators.length - 1;
      // A cancelled command is asked about too: a coordinator that is there after all gets the cancellation so.
      const mayGoOn = isGone && (!isLast || isBack);
      if (!isCarriedOut && !mayGoOn) throw error;
      if (isLast) givenAgain++;
      else place++;
      isHandedOver ||= remote.isHandedOver;
      // Nobody can have carried out what nobody was given: the next one is tried, and its failure says who is missing.
      const under = isHandedOver ? "wanted" : "none";
      const outcome = await options.earlier(under, isCarriedOut ? null : turnOf(order, place));
      if (outcome) return outcome;
      if (isCarriedOut) throw error;
    }
  }
}

/** True if a command was waited for until its end. */
const isLate = ({ code }: SessionError) => code === "expired" || code === "unanswered";

/**
 * Gives the turn of a coordinator again and again, until the result is disposed of: to a member that had an accept open
 * before, that did not answer, or that has started anew since.
 */
function givingAgain(options: InTurnOptions, place: number): Disposable {
  const { order, context: { clock } } = options;
  const { value: command } = order.command;
  const about = { id: command.id, peers: peersOf(options, command), wanted: command };
  const over = new AbortController();
  const give = async () => {
    while (!over.signal.aborted) {
      await pause(clock, givenAgainEvery, over.signal);
      if (!over.signal.aborted) await ask(options, { ...about, turn: turnOf(order, place) });
    }
  };
  void give();
  return { [Symbol.dispose]: () => over.abort() };
}

/** The turn of the coordinator at a place of an order's list. */
export const turnOf = ({ command }: Order, place: number): GivenTurn => ({ order: orderKey(command), place });
