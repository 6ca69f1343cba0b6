/**
 * The answer of a member to an invite, over a stream that stays open for the go.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { ChannelError } from "../../../errors.ts";
import type { Claim, PeerId } from "../../../failure.ts";
import { inviteMs, maxCommandFrame } from "../../../limits.ts";
import type { Channel } from "../../../ports.ts";
import { type Deadline, deadline, orAborted } from "../../../session/deadline.ts";
import {
  type Accept,
  acceptRecord,
  askingRecord,
  consentedRecord,
  declineRecord,
} from "../../../session/invite.ts";
import { readSigned, type Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import { encodeOrder } from "../../records/order.ts";
import { protocols } from "../../records/protocols.ts";
import type { Invited } from "../invitation.ts";
import type { Job } from "./job.ts";

/** The answer of one member, this node among them. */
export type Answer =
  /** `at`: when it came, by the monotonic clock, ms. */
  | { peer: PeerId; accept: Signed<Accept>; at: number }
  /** Its person has said yes, after a while. */
  | { peer: PeerId; consented: true }
  | { peer: PeerId; declined: Claim }
  | { peer: PeerId; silent: true }
  /** Its person was asked until the command expired. */
  | { peer: PeerId; unanswered: true }
  /** The proposal was over before the answer came. */
  | { peer: PeerId; dropped: true };

/** One question to one member. */
export interface Question {
  readonly context: Context;
  readonly job: Job;
  readonly invited: Invited;
  /** Aborted when this party will not come together: then no person is waited for. */
  readonly over: AbortSignal;
  /** Called when a person is being asked at the member. */
  asking(peer: PeerId): void;
}

/** Ends with the job's lifetime, or with the proposal. */
export function untilExpiry({ context: { clock }, job, over }: Question): Deadline {
  return deadline(clock, Math.max(0, job.until - clock.monotonic()), over);
}

/**
 * Invites one member and waits for its answer: at once, or for as long as a person there may take.
 *
 * @param opened Called with the stream to the member, which stays open for the go.
 */
export async function answerOf(
  peer: PeerId,
  question: Question,
  opened: (channel: Channel) => void,
): Promise<Answer> {
  const { context: { network, clock }, job, invited, over } = question;
  const stopped = job.stop.signal;
  using soon = deadline(clock, inviteMs, stopped);
  using late = untilExpiry(question);
  try {
    const channel = await network.open(peer, protocols.invite, {
      maxFrame: maxCommandFrame,
      signal: soon.signal,
    });
    opened(channel);
    if (over.aborted) {
      channel.abort();
      return { peer, dropped: true };
    }
    await channel.send(encodeOrder({ signed: invited.invite.encoded, items: invited.items }));
    for (let patience = soon;; patience = late) {
      const frame = await orAborted(channel.receive(), patience.signal);
      if (frame === null) {
        if (stopped.aborted || (patience === late && over.aborted)) return { peer, dropped: true };
        return patience === late && late.signal.aborted ? { peer, unanswered: true } : { peer, silent: true };
      }
      const answer = await read(frame, peer, question);
      // The others' accepts lapse while a person is asked: an accept in the place of that person's word is none.
      if (answer !== "asking") {
        return "accept" in answer && patience === late ? { peer, silent: true } : answer;
      }
      if (over.aborted) return { peer, dropped: true }; // no person is waited for any more
      if (patience === soon) question.asking(peer);
    }
  } catch (error) {
    if (error instanceof ChannelError) {
      return stopped.aborted ? { peer, dropped: true } : { peer, silent: true };
    }
    throw error;
  }
}

/** Reads a member's frame: its answer, or that a person is being asked. Anything else counts as silence. */
async function read(
  frame: Uint8Array,
  peer: PeerId,
  { context: { identity, clock }, invited: { attempt } }: Question,
): Promise<Answer | "asking"> {
  const accept = await readSigned(identity, acceptRecord, frame);
  if (accept?.by === peer && equal(accept.value.attempt, attempt)) {
    return { peer, accept, at: clock.monotonic() };
  }
  const consented = await readSigned(identity, consentedRecord, frame);
  if (consented?.by === peer && equal(consented.value.attempt, attempt)) return { peer, consented: true };
  const decline = await readSigned(identity, declineRecord, frame);
  if (decline?.by === peer) {
    const { code, peers } = decline.value;
    return { peer, declined: { by: peer, code, peers } };
  }
  const asking = await readSigned(identity, askingRecord, frame);
  return asking?.by === peer ? "asking" : { peer, silent: true };
}
