/**
 * The following of a command that this node may have given to the cluster before, as before a restart: its outcome is
 * fetched, or waited for.
 * @module
 */
import { ChannelError, SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { afterExpiry, maxCommandFrame } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { pause } from "../../../session/deadline.ts";
import type { Command, Order } from "../../records/command.ts";
import { encodeOrder } from "../../records/order.ts";
import { protocols } from "../../records/protocols.ts";
import type { CommandOutcome } from "../results.ts";
import { type EarlierOptions, earlierOutcome } from "./earlier_outcome.ts";

/** The interval at which the peers are asked about an earlier command that is still under way, ms. */
const earlierLookEvery = 250;

/** The end that the caller wants of a command under way. */
export interface Cancelling {
  /** The signed cancellation, sent when `cancelled` aborts. */
  readonly cancel: Uint8Array;
  readonly cancelled: AbortSignal;
}

/**
 * The outcome of an earlier command that asked for the same under the same id; null if nobody knows of one, or its
 * coordinator left before it was a session.
 *
 * @throws {SessionError} The failure of the earlier command; `id-reused`, `replayed-command`, `outcome-forgotten`;
 * `expired` if it is under way for too long; `shutdown`.
 */
export async function followEarlier(
  options: EarlierOptions,
  wanted: Command,
  { cancel, cancelled }: Cancelling,
): Promise<CommandOutcome | null> {
  const { context: { clock, stopping } } = options;
  const about = { id: wanted.id, peers: peersOf(options, wanted), wanted };
  let stopped: Channel | null = null;
  try {
    for (;;) {
      const earlier = await earlierOutcome(options, about);
      if (earlier.state === "done") return earlier.outcome;
      if (earlier.state === "failed") throw earlier.error;
      if (earlier.state === "unknown") return null;
      if (clock.now() > earlier.order.command.value.expires + afterExpiry) throw new SessionError("expired");
      if (cancelled.aborted) stopped ??= await sendCancel(options, earlier, cancel);
      await pause(clock, earlierLookEvery, stopping);
      if (stopping.aborted) throw new SessionError("shutdown");
    }
  } finally {
    stopped?.abort();
  }
}

/** The peers that may have carried out a command, in this epoch of its key or in one before. */
function peersOf({ keys }: EarlierOptions, { coordinators, members, gone, keyId }: Command): PeerId[] {
  const key = keys.withId(keyId.toHex());
  const holders = key ? [...key.members, ...key.past.flatMap((epoch) => epoch.members)] : [];
  return [...coordinators, ...members, ...gone, ...holders];
}

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
