/**
 * What a node does with a command that names it as coordinator: choose a party, ask it, open the session, take part.
 * Commands queue here; invites never do.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../errors.ts";
import { type Claim, partsPair, type PeerId } from "../../failure.ts";
import {
  acceptLapses,
  maxAcceptsPerInviter,
  maxAskingPerInitiator,
  maxCommandFrame,
  maxParties,
} from "../../limits.ts";
import type { Channel, Consent } from "../../ports.ts";
import { type Deadline, deadline, orAborted, pause } from "../../session/deadline.ts";
import {
  acceptRecord,
  askingRecord,
  attemptOf,
  consentedRecord,
  declineRecord,
  goRecord,
  inviteRecord,
  sessionOf,
} from "../../session/invite.ts";
import { readSigned, sign, type Signed } from "../../session/signed.ts";
import type { Bans } from "../keys/bans.ts";
import { checkCommand, type Command, commandKey, factsOf, type Order } from "../records/command.ts";
import type { ReplayGuard } from "./replay_guard.ts";
import { type Context, protocols } from "../context.ts";
import type { Frozen } from "../keys/frozen.ts";
import type { History } from "../rollback/history.ts";
import type { Keys } from "../keys/keys.ts";
import type { SessionStreams } from "../links/session_streams.ts";
import type { LinkKeys } from "../links/link_keys.ts";
import { declining, type Invitation, type Invited } from "./invitation.ts";
import { orderRecord } from "../records/order.ts";
import { chooseParty, type Refusals } from "./party.ts";
import { encodePreimage } from "../records/preimage.ts";
import { encodeOutcome, type Gave, resultFor, signResult } from "./results.ts";
import { rosterHash } from "../roster/roster.ts";
import type { Sessions } from "./session_runner.ts";
import type { SessionFacts } from "../events/event_log.ts";

/** Parties that are proposed for one command, at most. */
const proposals = 3;

/** For so long after its start a node waits for enough peers, ms, and looks so often. Later, who is away is away. */
const findingMs = 5_000;
const lookAgain = 100;

/** So many new rosters may come while people think about one command. */
const maxRosters = 3;

/** Before each further try of what was busy at somebody, ms: what was last done with that name or key may be ending there. */
const busyWaits = [100, 200, 400, 800];

export interface CoordinatorOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  history: History;
  links: LinkKeys;
  lines: SessionStreams;
  seen: ReplayGuard;
  sessions: Sessions;
  invitation: Invitation;
  draining(): boolean;
}

interface Job {
  /** See `commandKey`. */
  key: string;
  command: Signed<Command>;
  message: Uint8Array;
  facts: SessionFacts;
  stop: AbortController;
  outcome: PromiseWithResolvers<Gave>;
  /** Whether it has one of the few places for invites in the air. */
  placed: boolean;
  /** Whether a person was asked about it: from then on nobody else's command for the same name takes its place. */
  asked: boolean;
  /** How often a new roster has come between its invites. */
  rosters: number;
  /** When its life is over, by the monotonic clock: nobody's wall clock has a part in that. */
  until: number;
}

/** What one member, or this node itself, said to an invite. */
type Answer =
  | { peer: PeerId; accept: Uint8Array; consent?: Consent }
  /** Its person has said yes, after a while. */
  | { peer: PeerId; consented: true }
  | { peer: PeerId; declined: Claim }
  | { peer: PeerId; silent: true }
  /** Its person was asked until the command expired. */
  | { peer: PeerId; unanswered: true }
  /** The proposal was over before it had said anything. */
  | { peer: PeerId; dropped: true };

/** What a proposal that all have accepted goes on with. */
type Opened = Parameters<Sessions["run"]>[0];

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #started: number;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  /** Jobs whose people have answered, and that need a place again. */
  readonly #returning: { job: Job; placed: () => void }[] = [];
  /** What came of commands that failed before they were opened. */
  readonly #refusals = new Map<string, Uint8Array>();
  #inviting = 0;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#started = options.context.clock.monotonic();
  }

  /**
   * Takes a command whose signature is good. Its story begins here.
   *
   * @returns What comes of it; for an id that is under way, of that.
   * @throws {SessionError} Refused: `not-authorized`, `clock-skew`, `expired`, `replayed-command`, `store-locked`, `overloaded`,
   * `shutdown`.
   */
  submit(order: Order): Promise<Gave> {
    const { context, seen, draining } = this.#options;
    const { command, message } = order;
    const { value } = command;
    const key = commandKey(command.by, value.id);
    const known = this.#jobs.get(key);
    if (known && !equal(known.command.encoded, command.encoded)) throw new SessionError("replayed-command");
    if (known) return known.outcome.promise;
    if (draining()) throw new SessionError("shutdown");
    checkCommand(order, context.roster(), seen.now());
    if (value.coordinator !== context.identity.peer) throw new SessionError("not-authorized");
    seen.check(key, value.expires);
    if (context.vault.locked) throw new SessionError("store-locked");
    if (this.#queue.length >= context.limits.queued) throw new SessionError("overloaded");
    const facts = factsOf(command.by, value);
    const job: Job = {
      key,
      command,
      message,
      facts,
      stop: new AbortController(),
      outcome: Promise.withResolvers(),
      placed: false,
      asked: false,
      rosters: 0,
      until: context.clock.monotonic() + value.expires - value.created,
    };
    job.outcome.promise.catch(() => {}); // told by its terminal event; whoever asked hears of it too
    this.#jobs.set(key, job);
    this.#queue.push(job);
    context.teller.session(facts, { type: "began", deadline: value.expires });
    this.#next();
    return job.outcome.promise;
  }

  /** The initiator no longer wants it. @param key See `commandKey`. */
  cancel(key: string, evidence: Uint8Array): void {
    this.#jobs.get(key)?.stop.abort(new SessionError("cancelled", { evidence: [evidence] }));
  }

  /** The signed result of exactly this command, encoded, or null if it is not known. @throws {StoreError} */
  async stored({ by, value }: Signed<Command>): Promise<Uint8Array | null> {
    const { seen } = this.#options;
    const key = commandKey(by, value.id);
    const outcome = (seen.has(key) ? await seen.outcome(key) : null) ?? this.#refusals.get(key);
    return outcome ? resultFor(value, outcome) : null;
  }

  /** A signed result that says why a command was not taken. */
  async refusal({ id }: Command, error: SessionError): Promise<Uint8Array> {
    const none = new Uint8Array();
    return (await signResult(this.#options.context, { id, attempt: none, session: none }, error)).encoded;
  }

  /** Ends what this node coordinates. */
  interrupt(reason: SessionError): void {
    for (const job of this.#jobs.values()) job.stop.abort(reason);
  }

  /** Gives free places to jobs: first to those whose people have answered. */
  #next(): void {
    const { context, sessions } = this.#options;
    while (
      this.#inviting < maxAcceptsPerInviter && sessions.count + this.#inviting < context.limits.sessions
    ) {
      const back = this.#returning.shift();
      const job = back?.job ?? this.#queue.shift();
      if (!job) return;
      this.#inviting++;
      job.placed = true;
      if (back) back.placed();
      else void this.#carryOut(job);
    }
  }

  /** Gives up a job's place: its session is open, it is over, or it waits for a person, which holds up nobody else. */
  #leave(job: Job): void {
    if (job.placed) this.#inviting--;
    job.placed = false;
    this.#next();
  }

  /** Waits for a place again. @throws {SessionError} If the job was ended meanwhile. */
  async #return(job: Job): Promise<void> {
    if (job.placed) return;
    const placed = new Promise<void>((resolve) => this.#returning.push({ job, placed: resolve }));
    this.#next();
    await orAborted(placed, job.stop.signal);
    if (!job.stop.signal.aborted) return;
    const at = this.#returning.findIndex((waiting) => waiting.job === job);
    if (at >= 0) this.#returning.splice(at, 1);
    throw job.stop.signal.reason;
  }

  async #carryOut(job: Job): Promise<void> {
    const { sessions, keys } = this.#options;
    let inviting = true;
    try {
      using _name = await this.#unlessBusy(job, () => sessions.reserve(job.command.value, job.command.by));
      // Of two who make a key of one name in the same moment, one gives way, as long as nobody was asked about it.
      using _gives = keys.givesWay(job.command.value, job.key, () => {
        if (!job.asked && inviting) job.stop.abort(new SessionError("wallet-busy"));
      });
      this.#options.context.teller.session(job.facts, { type: "phase", phase: "inviting" });
      const opening = await this.#unlessBusy(job, () => this.#invite(job));
      inviting = false;
      const running = sessions.run(opening);
      this.#leave(job);
      job.outcome.resolve(await running);
    } catch (thrown) {
      const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      if (inviting) await this.#refused(job, error);
      job.outcome.reject(error);
    } finally {
      this.#leave(job);
      this.#jobs.delete(job.key);
    }
  }

  /** Does what may find a name or a key busy, and if it does, again a little later. */
  async #unlessBusy<T>({ stop }: Job, act: () => T | Promise<T>): Promise<T> {
    for (const ms of busyWaits) {
      try {
        return await act();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      await pause(this.#options.context.clock, ms, stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
    }
    return await act();
  }

  /** It failed before it was a session: one terminal event, one signed result. */
  async #refused({ key, facts, command }: Job, error: SessionError): Promise<void> {
    const { context } = this.#options;
    context.teller.failed(facts, error, "inviting");
    const none = new Uint8Array();
    const attempt = facts.attempt === null ? none : Uint8Array.fromHex(facts.attempt);
    const result = await signResult(context, { id: command.value.id, attempt, session: none }, error);
    // It was never opened, so its id is not on disk: it may be asked again after a restart.
    this.#refusals.set(key, encodeOutcome(command.value, result.encoded));
    if (this.#refusals.size > 1024) this.#refusals.delete([...this.#refusals.keys()][0]!);
  }

  /** Proposes parties until one accepts as a whole. @throws {SessionError} */
  async #invite(job: Job): Promise<Opened> {
    const { command, stop } = job;
    const refusals: Refusals = { peers: new Map(), apart: [] };
    for (let tries = 1;; tries++) {
      if (stop.signal.aborted) throw stop.signal.reason;
      if (this.#options.context.clock.monotonic() > job.until) throw new SessionError("expired");
      const party = await this.#party(job, refusals);
      const opening = await this.#propose(job, party, refusals);
      if (opening !== null) return opening;
      // Every party has this node in it: after its own no there is none to be found.
      if (refusals.peers.has(this.#options.context.identity.peer)) throw refusal(refusals, command.value);
      const fixed = command.value.kind === "generate" || command.value.signers.length > 0;
      // A pair that must not meet is no refusal of either: without it there may be a party yet.
      if (fixed || tries >= proposals + refusals.apart.length) throw refusal(refusals, command.value);
    }
  }

  /** Chooses a party. A node that has only just started gives its peers a moment to be found. @throws {SessionError} */
  async #party(
    { command: { value: command }, stop }: Job,
    refusals: Refusals,
  ): Promise<PeerId[]> {
    const { context } = this.#options;
    for (;;) {
      try {
        return chooseParty({ ...this.#options, command, refusals });
      } catch (error) {
        const early = context.clock.monotonic() < this.#started + findingMs;
        if (!(error instanceof SessionError && error.code === "not-enough-peers" && early)) throw error;
      }
      await pause(context.clock, lookAgain, stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
    }
  }

  /**
   * Proposes one party. Accepts lapse while a person thinks, so when all have said yes and somebody was asked, all are
   * invited once more.
   *
   * @returns Null if this party does not come together.
   * @throws {SessionError} `unanswered`, what this node itself refuses with, or what ended the job.
   */
  async #propose(job: Job, party: readonly PeerId[], refusals: Refusals): Promise<Opened | null> {
    for (;;) {
      await this.#return(job);
      const opening = await this.#inviteAll(job, party, refusals);
      if (opening !== "asked") return opening;
    }
  }

  async #inviteAll(
    job: Job,
    party: readonly PeerId[],
    refusals: Refusals,
  ): Promise<Opened | null | "asked"> {
    const { context: { identity: { peer: self }, teller }, lines } = this.#options;
    const { command, message, facts, stop } = job;
    const invited = await this.#invitation(job, party);
    const { attempt, invite } = invited;
    facts.attempt = attempt.toHex();
    teller.session(facts, { type: "proposed", party });
    lines.expect(attempt);
    const channels = new Map<PeerId, Channel>();
    const over = new AbortController();
    const end = () => over.abort();
    stop.signal.addEventListener("abort", end, { once: true });
    let opening: Opened | null = null;
    try {
      const answers = await Promise.all(party.map(async (peer) => {
        const answer = peer === self
          ? await this.#askSelf(job, invited, over.signal)
          : await this.#ask(job, peer, invited, channels, over.signal);
        // Without it this party does not come together: no person in it needs to be waited for.
        if ("declined" in answer || "silent" in answer) over.abort();
        return answer;
      }));
      if (stop.signal.aborted) throw stop.signal.reason;
      const unanswered = answers.flatMap((answer) => "unanswered" in answer ? [answer.peer] : []);
      if (unanswered.length > 0) throw new SessionError("unanswered", { missing: unanswered });
      if (this.#newRoster(job, invited, answers)) return "asked";
      for (const answer of answers) note(refusals, answer, party);
      if (over.signal.aborted) return null;
      const accepts = answers.flatMap((answer) => "accept" in answer ? [answer.accept] : []);
      if (answers.some((answer) => "consented" in answer)) return "asked";
      if (accepts.length < party.length) return null;
      const consent = answers.map((answer) => "accept" in answer ? answer.consent : null).find(Boolean)!;
      this.#options.invitation.stands(invited);
      if (!await this.#go(channels, goRecord.encode({ attempt, accepts }), refusals)) return null;
      const session = sessionOf(invite.encoded, accepts);
      const about = { command: command.value, message, consent, initiator: command.by };
      const preimage = encodePreimage(invite.encoded, accepts);
      return opening = { ...about, party, attempt, session, preimage, facts, signal: stop.signal };
    } finally {
      stop.signal.removeEventListener("abort", end);
      over.abort();
      if (opening === null) lines.forget(attempt);
      for (const channel of channels.values()) void channel.end();
    }
  }

  /**
   * Says the go. Where anybody has it, the session opens: its command is used up there.
   *
   * @returns False if nobody could be told, and the next party is asked.
   */
  async #go(channels: ReadonlyMap<PeerId, Channel>, go: Uint8Array, refusals: Refusals): Promise<boolean> {
    const sent = await Promise.all([...channels].map(async ([peer, channel]) => {
      try {
        await channel.send(go);
        return true;
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error;
        refusals.peers.set(peer, null); // gone between its yes and the go
        return false;
      }
    }));
    return sent.includes(true);
  }

  /** Whether the roster has changed since the invite: then all are invited again, and nobody is asked again. */
  #newRoster(job: Job, { invite }: Invited, answers: readonly Answer[]): boolean {
    const changed = this.#options.context.roster().version !== invite.value.rosterVersion;
    const refused = answers.some((answer) =>
      "declined" in answer && answer.declined.code === "roster-mismatch"
    );
    return changed && refused && job.rosters++ < maxRosters;
  }

  async #invitation({ command, message }: Job, party: readonly PeerId[]): Promise<Invited> {
    const { context, keys } = this.#options;
    const roster = context.roster();
    const row = command.value.kind === "sign" ? keys.own(command.value) : undefined;
    const invite = await sign(context.identity, inviteRecord, {
      command: command.encoded,
      party: [...party],
      rosterVersion: roster.version,
      rosterHash: rosterHash(roster),
      key: row?.session ?? new Uint8Array(),
      epoch: row?.key?.epoch ?? 0,
      nonce: context.random(32),
    });
    return { invite, command, message, attempt: attemptOf(invite.encoded) };
  }

  /** Somebody is being asked at `peer`: that may take minutes, in which others have this job's place. */
  #asking(job: Job, peer: PeerId): void {
    if (!this.#jobs.has(job.key) || job.stop.signal.aborted) return;
    job.asked = true;
    const theirs = [...this.#jobs.values()].filter(({ asked, command }) =>
      asked && command.by === job.command.by
    );
    if (theirs.length > maxAskingPerInitiator) job.stop.abort(new SessionError("overloaded"));
    this.#options.context.teller.session(job.facts, { type: "asking", other: peer });
    this.#leave(job);
  }

  /** Ends with the job's time, or with what it was for. */
  #untilExpiry(job: Job, over: AbortSignal): Deadline {
    const { clock } = this.#options.context;
    return deadline(clock, Math.max(0, job.until - clock.monotonic()), over);
  }

  /** This node's own answer: the same checks and the same consent as everybody's. @throws {SessionError} Its own no. */
  async #askSelf(job: Job, invited: Invited, over: AbortSignal): Promise<Answer> {
    const { context: { identity, random }, invitation } = this.#options;
    const { peer } = identity;
    using late = this.#untilExpiry(job, over);
    try {
      using agreed = await invitation.agree(invited, {
        waiting: late.signal,
        asking: () => this.#asking(job, peer),
      });
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
      throw error; // what is in the way here is this node's own word
    }
  }

  /**
   * Invites one member and waits for its answer: at once, or for as long as a person there may take.
   *
   * @param over Aborted when this party will not come together: then no person is waited for.
   */
  async #ask(
    job: Job,
    peer: PeerId,
    invited: Invited,
    channels: Map<PeerId, Channel>,
    over: AbortSignal,
  ): Promise<Answer> {
    const { context: { network, clock, identity } } = this.#options;
    const { attempt, invite } = invited;
    const { stop: { signal: stopped } } = job;
    using soon = deadline(clock, acceptLapses, stopped);
    using late = this.#untilExpiry(job, over);
    try {
      const channel = await network.open(peer, protocols.invite, {
        maxFrame: maxCommandFrame,
        signal: soon.signal,
      });
      channels.set(peer, channel);
      if (over.aborted) {
        channel.abort();
        return { peer, dropped: true };
      }
      await channel.send(orderRecord.encode({ signed: invite.encoded, message: invited.message }));
      for (let patience = soon;; patience = late) {
        const said = await orAborted(channel.receive(), patience.signal);
        if (said === null) {
          if (stopped.aborted || (patience === late && over.aborted)) return { peer, dropped: true };
          return patience === late && late.signal.aborted
            ? { peer, unanswered: true }
            : { peer, silent: true };
        }
        const accept = await readSigned(identity, acceptRecord, said);
        if (accept?.by === peer && equal(accept.value.attempt, attempt)) return { peer, accept: said };
        const consented = await readSigned(identity, consentedRecord, said);
        if (consented?.by === peer && equal(consented.value.attempt, attempt)) {
          return { peer, consented: true };
        }
        const decline = await readSigned(identity, declineRecord, said);
        if (decline?.by === peer) {
          const { code, peers } = decline.value;
          return { peer, declined: { by: peer, code, peers } };
        }
        const asking = await readSigned(identity, askingRecord, said);
        if (asking?.by !== peer) return { peer, silent: true };
        if (over.aborted) return { peer, dropped: true }; // no person is waited for any more
        if (patience === soon) this.#asking(job, peer);
      }
    } catch (error) {
      if (error instanceof ChannelError) {
        return stopped.aborted ? { peer, dropped: true } : { peer, silent: true };
      }
      throw error;
    }
  }
}

/** Whether nothing but a busy name or key was in the way, here or at others. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof SessionError)) return false;
  const { code, claims } = error;
  return code === "wallet-busy" || code === "declined" && claims.every(({ code }) => code === "wallet-busy");
}

/** Who is not to be asked again; or, of two that must not meet, not together. */
function note({ peers, apart }: Refusals, answer: Answer, party: readonly PeerId[]): void {
  const claim = "declined" in answer ? answer.declined : null;
  if (claim === null && !("silent" in answer)) return;
  // Only a pair of this party makes the next proposal another one.
  const named = claim?.peers.filter((peer) => party.includes(peer)) ?? [];
  if (claim && partsPair({ ...claim, peers: named })) apart.push(claim);
  else peers.set(answer.peer, claim);
}

/** What to say when nobody is left to ask: who was silent is missing; who spoke is quoted. */
function refusal({ peers, apart }: Refusals, { kind }: Command): SessionError {
  const claims = [...apart, ...peers.values()].filter((claim) =>
    claim !== null && claim.code !== "link-lost"
  ) as Claim[];
  // That somebody else has the name, or is about to, is nobody's refusal.
  const taken = (["wallet-busy", "wallet-exists"] as const).find((code) =>
    kind === "generate" && claims.length > 0 && claims.every((claim) => claim.code === code)
  );
  if (taken) return new SessionError(taken);
  // Whose people did not answer in their time, by their own clocks.
  if (claims.length > 0 && claims.every(({ code }) => code === "unanswered")) {
    return new SessionError("unanswered", { missing: claims.map(({ by }) => by) });
  }
  if (claims.length > 0) return new SessionError("declined", { claims: claims.slice(0, maxParties) });
  return new SessionError("not-enough-peers", {
    missing: [...new Set([...peers.keys(), ...apart.map(({ by }) => by)])],
  });
}
