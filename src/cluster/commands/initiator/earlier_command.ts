/**
 * The following of a command that this node may have given to the cluster before, as before a restart: its outcome is
 * fetched, or waited for.
 * @module
 */
import { ChannelError, SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { afterExpiry, findingMs, maxCommandFrame } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { pause } from "../../../session/deadline.ts";
import type { Command, Order } from "../../records/command.ts";
import { encodeOrder } from "../../records/order.ts";
import { protocols } from "../../records/protocols.ts";
import type { CommandOutcome } from "../results.ts";
import type { GivenTurn } from "../invited/coordinator_turns.ts";
import { earlierOutcome } from "./earlier_outcome.ts";
import type { EarlierOptions } from "./outcome_question.ts";
import { silentParty, type Under } from "./possible_parties.ts";

/** The interval at which the peers are asked about an earlier command that is still under way, ms. */
const earlierLookEvery = 250;

/** The end that the caller wants of a command under way. */
export interface Cancelling {
  /** The signed cancellation, sent when `cancelled` aborts. */
  readonly cancel: Uint8Array;
  readonly cancelled: AbortSignal;
}

/** A command that may have been given to the cluster before. */
export interface Followed {
  readonly wanted: Command;
  /** The commands that may have been carried out under its id. */
  readonly under: Under;
  readonly cancelling: Cancelling;
  /** The turn that is given next; null if nothing is carried out anew. */
  readonly turn: GivenTurn | null;
}

/**
 * The outcome of an earlier command that asked for the same under the same id; null if there is none, and none can come of
 * it any more, if a turn is given: then in every party that could have carried it out somebody knew nothing of it.
 *
 * @throws {SessionError} The failure of the earlier command; `id-reused`, `replayed-command`, `outcome-forgotten`;
 * `outcome-unknown` if so many do not answer that they may have carried it out, or may still; `expired` if it is under way
 * for too long; `cancelled` if this one is, and nothing came of the earlier one; `shutdown`.
 */
export async function followEarlier(
  options: EarlierOptions,
  { wanted, under, cancelling: { cancel, cancelled }, turn }: Followed,
): Promise<CommandOutcome | null> {
  const { context: { clock, stopping } } = options;
  const own = peersOf(options, wanted);
  const about = { id: wanted.id, peers: under === "any" ? [...own, ...holdersOf(options)] : own, wanted };
  let stopped: Channel | null = null;
  // A coordinator that has the command under way keeps its turn: none is given before nobody that answers knows of it.
  let given: GivenTurn | null = null;
  try {
    for (;;) {
      const { earlier, unaware, hadTurn } = await earlierOutcome(options, { ...about, turn: given });
      if (earlier.state === "done") return earlier.outcome;
      if (earlier.state === "failed") throw earlier.error;
      const silent = silentParty(options, wanted, under, unaware);
      // Where all others have moved to the turn, nothing that is under way at a few can become a session.
      if (given !== null && silent.length === 0) return unlessCancelled(cancelled);
      if (earlier.state === "unknown") {
        if (turn === null) return null;
        if (silent.length > 0) {
          const early = clock.monotonic() < options.started + findingMs;
          if (!early) throw new SessionError("outcome-unknown", { missing: silent });
          await pause(clock, earlierLookEvery, stopping);
          if (stopping.aborted) throw new SessionError("shutdown");
          continue;
        }
        if (turn.place === 0 && !hadTurn && isKnownByNobody(options, own, unaware)) {
          return unlessCancelled(cancelled);
        }
        given = turn;
        continue;
      }
      if (clock.now() > earlier.order.command.value.expires + afterExpiry) {
        void cancelAt(options, [earlier.coordinator], earlier.order, cancel);
        throw new SessionError("expired");
      }
      if (cancelled.aborted) stopped ??= await sendCancel(options, earlier, cancel);
      await pause(clock, earlierLookEvery, stopping);
      if (stopping.aborted) throw new SessionError("shutdown");
    }
  } finally {
    stopped?.abort();
  }
}

/** Nothing came of an earlier command: this one is begun, unless nobody wants it any more. @throws {SessionError} `cancelled` */
function unlessCancelled(cancelled: AbortSignal): null {
  if (cancelled.aborted) throw new SessionError("cancelled");
  return null;
}

/** Whether all peers of the roster that may have taken part in a command have said that they know nothing of it. */
function isKnownByNobody(
  { context }: EarlierOptions,
  peers: readonly PeerId[],
  unaware: ReadonlySet<PeerId>,
): boolean {
  return peers.every((peer) => unaware.has(peer) || !context.member(peer));
}

/** The peers that may have carried out a command, in this epoch of its key or in one before. */
export function peersOf({ keys }: EarlierOptions, { coordinators, members, gone, keyId }: Command): PeerId[] {
  const key = keys.withId(keyId.toHex());
  const holders = key ? [...key.members, ...key.past.flatMap((epoch) => epoch.members)] : [];
  return [...coordinators, ...members, ...gone, ...holders];
}

/** All that may have carried out a command, with whatever key. */
export const holdersOf = ({ context }: Pick<EarlierOptions, "context">): PeerId[] =>
  context.roster().peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer);

/** Cancels a command at those that were given it before, if they are connected. */
export async function cancelAt(
  options: EarlierOptions,
  coordinators: readonly PeerId[],
  order: Order,
  cancel: Uint8Array,
): Promise<void> {
  const connected = new Set(options.context.network.connected());
  const there = coordinators.filter((peer) => connected.has(peer));
  for (const coordinator of there) {
    const stream = await sendCancel(options, { order, coordinator }, cancel);
    try {
      await stream?.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error; // it has left again
    }
  }
}

/** Cancels a command at its coordinator. @returns The stream, to be dropped later; null if there was none. */
async function sendCancel(
  { context: { network, stopping } }: EarlierOptions,
  { order: { command, items }, coordinator }: { order: Order; coordinator: PeerId },
  cancel: Uint8Array,
): Promise<Channel | null> {
  const options = { maxFrame: maxCommandFrame, signal: stopping };
  try {
    const channel = await network.open(coordinator, protocols.command, options);
    await channel.send(encodeOrder({ signed: command.encoded, items }));
    await channel.send(cancel);
    return channel;
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return null; // the next look shows what became of it
  }
}
