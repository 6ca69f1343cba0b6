/**
 * What a node does with a command that names it as coordinator: choose a party, ask it, open the session, take part.
 * Commands queue here; invites never do.
 * @module
 */
import { ChannelError, type Claim, type PeerId, SessionError } from "../failure.ts";
import { acceptLapses, maxAcceptsPerInviter, maxCommandFrame, maxParties } from "../limits.ts";
import type { Channel } from "../ports.ts";
import { deadline, orAborted, pause } from "../session/deadline.ts";
import {
  acceptRecord,
  askingRecord,
  attemptOf,
  declineRecord,
  goRecord,
  inviteRecord,
  sessionOf,
} from "../session/invite.ts";
import { readSigned, sign, type Signed } from "../session/signed.ts";
import type { Bans } from "./bans.ts";
import { checkCommand, type Command, type Order } from "./command.ts";
import type { CommandsSeen } from "./commands_seen.ts";
import { type Context, protocols } from "./context.ts";
import type { Frozen } from "./frozen.ts";
import type { Keys } from "./keys.ts";
import type { Lines } from "./lines.ts";
import type { Links } from "./link.ts";
import type { Invited, Member } from "./member.ts";
import { orderRecord } from "./order.ts";
import { chooseParty, keepsApart, type Refusals } from "./party.ts";
import { encodePreimage } from "./preimage.ts";
import { type Gave, signResult } from "./results.ts";
import { rosterHash } from "./roster.ts";
import type { Sessions } from "./sessions.ts";
import type { SessionFacts } from "./telling.ts";

/** Parties that are proposed for one command, at most. */
const proposals = 3;

/** For so long after its start a node waits for enough peers, ms, and looks so often. Later, who is away is away. */
const findingMs = 5_000;
const lookAgain = 100;

/** Before each further try of what was busy at somebody, ms: what was last done with that name or key may be ending there. */
const busyWaits = [100, 200, 400, 800];

export interface CoordinatorOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  links: Links;
  lines: Lines;
  seen: CommandsSeen;
  sessions: Sessions;
  member: Member;
  draining(): boolean;
}

interface Job {
  command: Signed<Command>;
  message: Uint8Array;
  facts: SessionFacts;
  stop: AbortController;
  outcome: PromiseWithResolvers<Gave>;
}

/** What one member said to an invite. */
type Answer = { peer: PeerId; accept: Uint8Array } | { peer: PeerId; declined: Claim } | {
  peer: PeerId;
  silent: true;
};

export class Coordinator {
  readonly #o: CoordinatorOptions;
  readonly #started: number;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  /** Signed results of commands that failed before they were opened. */
  readonly #refusals = new Map<string, Uint8Array>();
  #inviting = 0;

  constructor(options: CoordinatorOptions) {
    this.#o = options;
    this.#started = options.context.clock.monotonic();
  }

  /**
   * Takes a command whose signature is good. Its story begins here.
   *
   * @returns What comes of it; for an id that is under way, of that.
   * @throws {SessionError} Refused: `not-authorized`, `expired`, `replayed-command`, `store-locked`, `overloaded`,
   * `shutdown`.
   */
  submit(order: Order): Promise<Gave> {
    const { context, seen, draining } = this.#o;
    const { command, message } = order;
    const { value } = command;
    const id = value.id.toHex();
    const known = this.#jobs.get(id);
    if (known) return known.outcome.promise;
    if (draining()) throw new SessionError("shutdown");
    checkCommand(order, context.roster(), seen.now());
    if (value.coordinator !== context.identity.peer) throw new SessionError("not-authorized");
    if (seen.has(id)) throw new SessionError("replayed-command");
    if (context.vault.locked) throw new SessionError("store-locked");
    if (this.#queue.length >= context.limits.queued) throw new SessionError("overloaded");
    const { kind, wallet, curve } = value;
    const facts: SessionFacts = { id, attempt: null, session: null, kind, wallet, curve };
    const job: Job = {
      command,
      message,
      facts,
      stop: new AbortController(),
      outcome: Promise.withResolvers(),
    };
    job.outcome.promise.catch(() => {}); // told by its terminal event; whoever asked hears of it too
    this.#jobs.set(id, job);
    this.#queue.push(job);
    context.teller.session(facts, { type: "began", initiator: command.by, deadline: value.expires });
    this.#next();
    return job.outcome.promise;
  }

  /** The initiator no longer wants it. */
  cancel(id: string, evidence: Uint8Array): void {
    this.#jobs.get(id)?.stop.abort(new SessionError("cancelled", { evidence: [evidence] }));
  }

  /** The signed result of a command that is over, encoded, or null if it is not known. @throws {StoreError} */
  async stored(id: string): Promise<Uint8Array | null> {
    const { seen } = this.#o;
    return (seen.has(id) ? await seen.outcome(id) : null) ?? this.#refusals.get(id) ?? null;
  }

  /** A signed result that says why a command was not taken. */
  async refusal({ id }: Command, error: SessionError): Promise<Uint8Array> {
    const none = new Uint8Array();
    return (await signResult(this.#o.context, { id, attempt: none, session: none }, error)).encoded;
  }

  /** Ends what this node coordinates. */
  interrupt(reason: SessionError): void {
    for (const job of this.#jobs.values()) job.stop.abort(reason);
  }

  #next(): void {
    const { context, sessions } = this.#o;
    while (
      this.#inviting < maxAcceptsPerInviter && sessions.count + this.#inviting < context.limits.sessions
    ) {
      const job = this.#queue.shift();
      if (!job) return;
      this.#inviting++;
      void this.#carryOut(job);
    }
  }

  async #carryOut(job: Job): Promise<void> {
    const { context, sessions } = this.#o;
    let inviting = true;
    const invited = () => {
      if (inviting) this.#inviting--;
      inviting = false;
      this.#next();
    };
    try {
      using _name = await this.#unlessBusy(job, () => sessions.reserve(job.command.value));
      context.teller.session(job.facts, { type: "phase", phase: "inviting" });
      const opening = await this.#unlessBusy(job, () => this.#invite(job));
      const running = sessions.run(opening);
      invited();
      job.outcome.resolve(await running);
    } catch (thrown) {
      const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      if (inviting) await this.#refused(job, error);
      job.outcome.reject(error);
    } finally {
      invited();
      this.#jobs.delete(job.facts.id);
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
      await pause(this.#o.context.clock, ms, stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
    }
    return await act();
  }

  /** It failed before it was a session: one terminal event, one signed result. */
  async #refused({ facts, command }: Job, error: SessionError): Promise<void> {
    const { context } = this.#o;
    context.teller.failed(facts, error, "inviting");
    const none = new Uint8Array();
    const attempt = facts.attempt === null ? none : Uint8Array.fromHex(facts.attempt);
    const result = await signResult(context, { id: command.value.id, attempt, session: none }, error);
    // It was never opened, so its id is not on disk: it may be asked again after a restart.
    this.#refusals.set(facts.id, result.encoded);
    if (this.#refusals.size > 1024) this.#refusals.delete([...this.#refusals.keys()][0]!);
  }

  /** Proposes parties until one accepts as a whole. @throws {SessionError} */
  async #invite(job: Job): Promise<Parameters<Sessions["run"]>[0]> {
    const { command, stop } = job;
    const refusals: Refusals = { peers: new Map(), apart: [] };
    for (let tries = 1;; tries++) {
      if (stop.signal.aborted) throw stop.signal.reason;
      const party = await this.#party(job, refusals);
      const opening = await this.#propose(job, party, refusals);
      if (opening !== null) return opening;
      const fixed = command.value.kind === "generate" || command.value.signers.length > 0;
      // A pair that must not meet is no refusal of either: without it there may be a party yet.
      if (fixed || tries >= proposals + refusals.apart.length) throw refusal(refusals);
    }
  }

  /** Chooses a party. A node that has only just started gives its peers a moment to be found. @throws {SessionError} */
  async #party(
    { command: { value: command }, stop }: Job,
    refusals: Refusals,
  ): Promise<PeerId[]> {
    const { context } = this.#o;
    for (;;) {
      try {
        return chooseParty({ ...this.#o, command, refusals });
      } catch (error) {
        const early = context.clock.monotonic() < this.#started + findingMs;
        if (!(error instanceof SessionError && error.code === "not-enough-peers" && early)) throw error;
      }
      await pause(context.clock, lookAgain, stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
    }
  }

  async #propose(
    job: Job,
    party: readonly PeerId[],
    refusals: Refusals,
  ): Promise<Parameters<Sessions["run"]>[0] | null> {
    const { context, lines, member } = this.#o;
    const { identity, random, teller } = context;
    const { command, facts, stop } = job;
    const invited = await this.#invitation(job, party);
    const { attempt, invite } = invited;
    facts.attempt = attempt.toHex();
    teller.session(facts, { type: "proposed", party });
    lines.expect(attempt);
    const channels = new Map<PeerId, Channel>();
    try {
      member.check(invited);
      const mine = await sign(identity, acceptRecord, { attempt, nonce: random(32) });
      const others = party.filter((peer) => peer !== identity.peer);
      const answers = await Promise.all(others.map((peer) => this.#ask(job, peer, invited, channels)));
      if (stop.signal.aborted) throw stop.signal.reason;
      for (const answer of answers) {
        if (!("accept" in answer)) note(refusals, answer, party);
      }
      const said = new Map(answers.flatMap((a) => "accept" in a ? [[a.peer, a.accept]] : []));
      if (said.size < others.length) {
        lines.forget(attempt);
        return null;
      }
      const accepts = party.map((peer) => said.get(peer) ?? mine.encoded);
      const go = goRecord.encode({ attempt, accepts });
      await Promise.all([...channels.values()].map((channel) => channel.send(go)));
      const session = sessionOf(invite.encoded, accepts);
      return {
        command: command.value,
        message: job.message,
        initiator: command.by,
        party,
        attempt,
        session,
        preimage: encodePreimage(invite.encoded, accepts),
        facts,
        signal: stop.signal,
      };
    } catch (error) {
      lines.forget(attempt);
      if (error instanceof ChannelError) return null; // gone between its yes and the go: the next party is asked
      throw error;
    } finally {
      for (const channel of channels.values()) void channel.end();
    }
  }

  async #invitation({ command, message }: Job, party: readonly PeerId[]): Promise<Invited> {
    const { context, keys } = this.#o;
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

  /** Invites one member and waits for its answer: at once, or for as long as a person there may take. */
  async #ask(job: Job, peer: PeerId, invited: Invited, channels: Map<PeerId, Channel>): Promise<Answer> {
    const { context: { network, clock, identity, teller } } = this.#o;
    const { attempt, invite } = invited;
    const { expires } = job.command.value;
    const soon = deadline(clock, acceptLapses, job.stop.signal);
    const late = deadline(clock, Math.max(0, expires - clock.now()), job.stop.signal);
    try {
      const channel = await network.open(peer, protocols.invite, {
        maxFrame: maxCommandFrame,
        signal: soon.signal,
      });
      channels.set(peer, channel);
      await channel.send(orderRecord.encode({ signed: invite.encoded, message: invited.message }));
      for (let patience = soon;; patience = late) {
        const said = await orAborted(channel.receive(), patience.signal);
        if (said === null) return { peer, silent: true };
        const accept = await readSigned(identity, acceptRecord, said);
        if (accept?.by === peer && accept.value.attempt.toHex() === attempt.toHex()) {
          return { peer, accept: said };
        }
        const decline = await readSigned(identity, declineRecord, said);
        if (decline?.by === peer) {
          const { code, peers } = decline.value;
          return { peer, declined: { by: peer, code, peers } };
        }
        const asking = await readSigned(identity, askingRecord, said);
        if (asking?.by !== peer || patience === late) return { peer, silent: true };
        teller.session(job.facts, { type: "asking", other: peer });
      }
    } catch (error) {
      if (error instanceof ChannelError) return { peer, silent: true };
      throw error;
    } finally {
      soon[Symbol.dispose]();
      late[Symbol.dispose]();
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
function note(
  { peers, apart }: Refusals,
  answer: Exclude<Answer, { accept: Uint8Array }>,
  party: readonly PeerId[],
): void {
  const claim = "declined" in answer ? answer.declined : null;
  // Only a pair of this party makes the next proposal another one.
  if (claim && keepsApart(claim) && claim.peers.some((peer) => peer !== claim.by && party.includes(peer))) {
    apart.push(claim);
  } else peers.set(answer.peer, claim);
}

/** What to say when nobody is left to ask: who was silent is missing; who spoke is quoted. */
function refusal({ peers, apart }: Refusals): SessionError {
  const claims = [...apart, ...peers.values()].filter((claim) =>
    claim !== null && claim.code !== "link-lost"
  ) as Claim[];
  if (claims.length > 0) return new SessionError("declined", { claims: claims.slice(0, maxParties) });
  return new SessionError("not-enough-peers", { missing: [...peers.keys()] });
}
