/**
 * The proposal of one party for a command: every member is invited at once, and if all accept, they are sent
 * the go.
 * @module
 */
import { ChannelError, SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { acceptLapses } from "../../../limits.ts";
import type { Channel, Clock, DrawnTask } from "../../../ports.ts";
import { attemptOf, goRecord, inviteRecord, sessionOf } from "../../../session/invite.ts";
import { sign } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import type { SessionStreams } from "../../links/session_streams.ts";
import { rosterHash } from "../../roster/roster.ts";
import { declining, type Invitation, type Invited } from "../invitation.ts";
import type { Opening } from "../session/opening.ts";
import { type Answer, answerOf, type Question, untilExpiry } from "./answer.ts";
import { exclude, type Exclusions } from "./exclusions.ts";
import type { Job } from "./job.ts";

/** The number of new rosters that may come while people think about one command. */
const maxRosters = 3;

/** The time that a go may take to its members, ms: an accept that lapses sooner is asked for again. */
const goMarginMs = 500;

/** The number of times that a command waits for a member whose accept comes when the others' have nearly lapsed. */
const maxLapses = 2;

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
 * because a person was asked, a member was slow, or the roster has changed; null if this party does not come together.
 * @throws {SessionError} `unanswered`, this node's own no, or what ended the job.
 */
export async function propose(options: ProposalOptions): Promise<Opening | "again" | null> {
  const { context, job, party } = options;
  const invited = await invitationOf(options);
  job.facts.attempt = invited.attempt.toHex();
  context.eventLog.emitSession(job.facts, { type: "proposed", party });
  const channels = new Map<PeerId, Channel>();
  const own = new OwnDrawn();
  const over = new AbortController();
  const end = () => over.abort();
  job.stop.signal.addEventListener("abort", end, { once: true });
  try {
    const answers = await inviteAll(options, invited, own, channels, over);
    return await conclude(options, invited, answers, { own, channels, over: over.signal });
  } finally {
    job.stop.signal.removeEventListener("abort", end);
    over.abort();
    own[Symbol.dispose]();
    for (const channel of channels.values()) void channel.end();
  }
}

/**
 * The secrets that this node has drawn for its own accept: wiped unless the session takes them, and as soon as a person
 * is asked, since all are then invited again.
 */
class OwnDrawn implements Disposable {
  #drawn: DrawnTask | null = null;
  #over = false;

  keep(drawn: DrawnTask): void {
    this.#drawn = drawn;
    if (this.#over) this[Symbol.dispose]();
  }

  take(): DrawnTask {
    const drawn = this.#drawn!;
    this.#drawn = null;
    return drawn;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#drawn?.[Symbol.dispose]();
    this.#drawn = null;
  }
}

/** The signed invite for a party. */
async function invitationOf({ context, keys, job, party }: ProposalOptions): Promise<Invited> {
  const { command, items } = job;
  const roster = context.roster();
  const { kind, keyId } = command.value;
  const row = kind === "generate" ? undefined : keys.certified(keyId.toHex());
  const invite = await sign(context.identity, inviteRecord, {
    command: command.encoded,
    party: [...party],
    rosterVersion: roster.version,
    rosterHash: rosterHash(roster),
    keyId: row?.session ?? new Uint8Array(),
    epoch: row?.key?.epoch ?? 0,
    nonce: context.random(32),
  });
  return { invite, command, items, attempt: attemptOf(invite.encoded) };
}

/**
 * Invites every member at once. The first one that declines or is silent ends the waiting for people at the
 * others.
 */
function inviteAll(
  { context, invitation, job, party, asking }: ProposalOptions,
  invited: Invited,
  own: OwnDrawn,
  channels: Map<PeerId, Channel>,
  over: AbortController,
): Promise<Answer[]> {
  const question: Question = {
    context,
    job,
    invited,
    over: over.signal,
    asking(peer) {
      own[Symbol.dispose](); // no accept of this proposal outlives that person's thinking
      asking(peer);
    },
  };
  return Promise.all(party.map(async (peer) => {
    const answer = peer === context.identity.peer
      ? await ownAnswer(question, invitation, own)
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
async function ownAnswer(question: Question, invitation: Invitation, own: OwnDrawn): Promise<Answer> {
  const { context: { identity: { peer }, clock }, invited, over, asking } = question;
  using late = untilExpiry(question);
  try {
    using agreement = await invitation.agree(invited, { waiting: late.signal, asking: () => asking(peer) });
    const { accept } = agreement;
    if (accept === null) return { peer, consented: true };
    own.keep(agreement.take());
    return { peer, accept, at: clock.monotonic() };
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

/** Opens the session if all have accepted, and sends the go. */
async function conclude(
  options: ProposalOptions,
  invited: Invited,
  answers: readonly Answer[],
  { own, channels, over }: {
    own: OwnDrawn;
    channels: ReadonlyMap<PeerId, Channel>;
    over: AbortSignal;
  },
): Promise<Opening | "again" | null> {
  const { context, invitation, streams, job, party, exclusions } = options;
  const { attempt, command, invite } = invited;
  const { facts, stop: { signal } } = job;
  if (signal.aborted) throw signal.reason;
  const unanswered = answers.flatMap((answer) => "unanswered" in answer ? [answer.peer] : []);
  if (unanswered.length > 0) throw new SessionError("unanswered", { missing: unanswered });
  if (isNewRoster(context, job, invited, answers)) return "again";
  for (const answer of answers) exclude(exclusions, answer, party);
  if (over.aborted) return null;
  const accepts = answers.flatMap((answer) => "accept" in answer ? [answer.accept] : []);
  if (answers.some((answer) => "consented" in answer)) return "again";
  if (accepts.length < party.length) return null;
  const signedAccepts = accepts.map(({ encoded }) => encoded);
  const { encoded } = await sign(context.identity, goRecord, { attempt, accepts: signedAccepts });
  if (signal.aborted) throw signal.reason;
  invitation.stands(invited);
  if (answers.some((answer) => isOld(answer, context.clock))) return afterLapse(options, answers);
  streams.accept(attempt, party, command.value.expires);
  sendGo(channels, encoded, job);
  const go = { encoded, session: sessionOf(invite.encoded, signedAccepts), accepts };
  return { ...invited, go, drawn: own.take(), facts, signal };
}

/** Whether an accept may have lapsed before a go could reach its member. */
const isOld = (answer: Answer, clock: Clock): boolean =>
  clock.monotonic() - cameAt(answer) > acceptLapses - goMarginMs;

/**
 * All are invited again, or, after some tries, all but the slowest member, which counts as silent: it could keep
 * the others from signing for as long as the command lives.
 */
function afterLapse({ context, job, party, exclusions }: ProposalOptions, answers: readonly Answer[]) {
  const slowest = answers.reduce((slow, answer) => cameAt(answer) > cameAt(slow) ? answer : slow);
  if (slowest.peer === context.identity.peer || job.lapses++ < maxLapses) return "again";
  exclude(exclusions, { peer: slowest.peer, silent: true }, party);
  return null;
}

const cameAt = (answer: Answer): number => "accept" in answer ? answer.at : 0;

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
 * Sends the go. From its first byte on no other party is proposed for the command: the session opens at each
 * member that receives it, and a member that does not is missing in the session.
 */
function sendGo(channels: ReadonlyMap<PeerId, Channel>, go: Uint8Array, { stop }: Job): void {
  for (const channel of channels.values()) {
    channel.send(go).catch((cause) => {
      // A member that has left is missing in the session; anything else is this node's own fault.
      if (!(cause instanceof ChannelError)) stop.abort(new SessionError("internal", { cause }));
    });
  }
}
