/**
 * The proposal of one party for a command: every member is invited at once, and if all accept, they are sent
 * the go.
 * @module
 */
import { ChannelError, SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import type { Channel } from "../../../ports.ts";
import { acceptRecord, attemptOf, goRecord, inviteRecord, sessionOf } from "../../../session/invite.ts";
import { sign } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import type { SessionStreams } from "../../links/session_streams.ts";
import { encodePreimage } from "../../records/preimage.ts";
import { rosterHash } from "../../roster/roster.ts";
import { declining, type Invitation, type Invited } from "../invitation.ts";
import type { Opening } from "../session/opening.ts";
import { type Answer, answerOf, type Question, untilExpiry } from "./answer.ts";
import { exclude, type Exclusions } from "./exclusions.ts";
import type { Job } from "./job.ts";

/** The number of new rosters that may come while people think about one command. */
const maxRosters = 3;

export interface ProposalOptions {
  readonly context: Context;
  readonly keys: Keys;
  readonly streams: SessionStreams;
  readonly invitation: Invitation;
  readonly job: Job;
  readonly party: readonly PeerId[];
  /** Receives the members that do not accept. */
  readonly exclusions: Exclusions;
  /** Called when a person is being asked at a member. */
  asking(peer: PeerId): void;
}

/**
 * Proposes a party once.
 *
 * @returns The opening of the session; `again` if all have said yes but accepts have lapsed meanwhile,
 * because a person was asked or the roster has changed; null if this party does not come together.
 * @throws {SessionError} `unanswered`, this node's own no, or what ended the job.
 */
export async function propose(options: ProposalOptions): Promise<Opening | "again" | null> {
  const { context, streams, job, party } = options;
  const invited = await invitationOf(options);
  job.facts.attempt = invited.attempt.toHex();
  context.eventLog.emitSession(job.facts, { type: "proposed", party });
  streams.expect(invited.attempt);
  const channels = new Map<PeerId, Channel>();
  const over = new AbortController();
  const end = () => over.abort();
  job.stop.signal.addEventListener("abort", end, { once: true });
  let result: Opening | "again" | null = null;
  try {
    const answers = await inviteAll(options, invited, channels, over);
    return result = await conclude(options, invited, answers, { channels, over: over.signal });
  } finally {
    job.stop.signal.removeEventListener("abort", end);
    over.abort();
    if (result === null || result === "again") streams.forget(invited.attempt);
    for (const channel of channels.values()) void channel.end();
  }
}

/** The signed invite for a party. */
async function invitationOf({ context, keys, job, party }: ProposalOptions): Promise<Invited> {
  const { command, message } = job;
  const roster = context.roster();
  const row = command.value.kind === "sign" ? keys.own(command.value) : undefined;
  const invite = await sign(context.identity, inviteRecord, {
    command: command.encoded,
    party: [...party],
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: row?.session ?? new Uint8Array(),
    epoch: row?.key?.epoch ?? 0,
    nonce: context.random(32),
  });
  return { invite, command, message, attempt: attemptOf(invite.encoded) };
}

/**
 * Invites every member at once. The first one that declines or is silent ends the waiting for people at the
 * others.
 */
function inviteAll(
  { context, invitation, job, party, asking }: ProposalOptions,
  invited: Invited,
  channels: Map<PeerId, Channel>,
  over: AbortController,
): Promise<Answer[]> {
  const question: Question = { context, job, invited, over: over.signal, asking };
  return Promise.all(party.map(async (peer) => {
    const answer = peer === context.identity.peer
      ? await ownAnswer(question, invitation)
      : await answerOf(peer, question, (channel) => channels.set(peer, channel));
    if ("declined" in answer || "silent" in answer) over.abort();
    return answer;
  }));
}

/**
 * This node's own answer: the same checks and the same consent as everybody's.
 *
 * @throws {SessionError} Its own no.
 */
async function ownAnswer(question: Question, invitation: Invitation): Promise<Answer> {
  const { context: { identity, random }, invited, over, asking } = question;
  const { peer } = identity;
  using late = untilExpiry(question);
  try {
    using agreed = await invitation.agree(invited, { waiting: late.signal, asking: () => asking(peer) });
    if (agreed.asked) return { peer, consented: true };
    const accept = await sign(identity, acceptRecord, { attempt: invited.attempt, nonce: random(32) });
    return { peer, accept: accept.encoded, consent: agreed.consent };
  } catch (error) {
    if (over.aborted) return { peer, dropped: true };
    const { code, peers } = declining(error);
    if (code === "unanswered") return { peer, unanswered: true };
    if (code === "declined" || code === "roster-mismatch") {
      return { peer, declined: { by: peer, code, peers } };
    }
    throw error; // an obstacle at this node is reported as its own failure
  }
}

/** Opens the session if all have accepted and the go has reached somebody. */
async function conclude(
  options: ProposalOptions,
  invited: Invited,
  answers: readonly Answer[],
  { channels, over }: { channels: ReadonlyMap<PeerId, Channel>; over: AbortSignal },
): Promise<Opening | "again" | null> {
  const { context, invitation, job, party, exclusions } = options;
  const { attempt, invite } = invited;
  const { command, message, facts, stop: { signal } } = job;
  if (signal.aborted) throw signal.reason;
  const unanswered = answers.flatMap((answer) => "unanswered" in answer ? [answer.peer] : []);
  if (unanswered.length > 0) throw new SessionError("unanswered", { missing: unanswered });
  if (isNewRoster(context, job, invited, answers)) return "again";
  for (const answer of answers) exclude(exclusions, answer, party);
  if (over.aborted) return null;
  const accepts = answers.flatMap((answer) => "accept" in answer ? [answer.accept] : []);
  if (answers.some((answer) => "consented" in answer)) return "again";
  if (accepts.length < party.length) return null;
  const consent = answers.map((answer) => "accept" in answer ? answer.consent : null).find(Boolean)!;
  invitation.stands(invited);
  if (!await sendGo(channels, goRecord.encode({ attempt, accepts }), exclusions)) return null;
  return {
    command: command.value,
    message,
    consent,
    initiator: command.by,
    party,
    attempt,
    session: sessionOf(invite.encoded, accepts),
    preimage: encodePreimage(invite.encoded, accepts),
    facts,
    signal,
  };
}

/**
 * Whether the roster has changed since the invite: then all are invited again, and no person is asked again.
 */
function isNewRoster(context: Context, job: Job, { invite }: Invited, answers: readonly Answer[]): boolean {
  const changed = context.roster().version !== invite.value.rosterVersion;
  const refused = answers.some((answer) =>
    "declined" in answer && answer.declined.code === "roster-mismatch"
  );
  return changed && refused && job.rosters++ < maxRosters;
}

/**
 * Sends the go. At each member that receives it the session opens, and its command is used up there.
 *
 * @returns False if it reached nobody: then the next party is proposed.
 */
async function sendGo(
  channels: ReadonlyMap<PeerId, Channel>,
  go: Uint8Array,
  exclusions: Exclusions,
): Promise<boolean> {
  const sent = await Promise.all([...channels].map(async ([peer, channel]) => {
    try {
      await channel.send(go);
      return true;
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      exclusions.peers.set(peer, null); // gone between its yes and the go
      return false;
    }
  }));
  return sent.includes(true);
}
