/**
 * The inviting of a party for a command: in this node's turn as its coordinator, one proposal after the other, until a
 * party accepts as a whole.
 * @module
 */
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { findingMs, maxAskingPerInitiator } from "../../../limits.ts";
import { pause } from "../../../session/deadline.ts";
import type { Context } from "../../events/event_context.ts";
import { type Choice, chooseParty } from "../party.ts";
import type { ReplayGuard } from "../replay_guard.ts";
import type { Opening } from "../session/opening.ts";
import { type Exclusions, noParty } from "./exclusions.ts";
import type { Job } from "./job.ts";
import { isOnly } from "./only_failure.ts";
import type { Places } from "./places.ts";
import { type ProposalOptions, propose } from "./proposal.ts";

/** Parties that are proposed for one command, at most. */
const proposals = 3;

/** The interval at which a node that has just started looks for enough peers, ms. */
const partyLookEvery = 100;

/** The interval at which a coordinator looks whether it is its turn, ms. */
const turnLookEvery = 250;

/** The parts of a node that invite. */
export type InvitingOptions =
  & Omit<Choice, "context" | "command" | "exclusions">
  & Pick<ProposalOptions, "streams" | "invitation">
  & { readonly context: Context; readonly replayGuard: ReplayGuard; readonly places: Places };

export class Inviting {
  readonly #options: InvitingOptions;
  readonly #places: Places;
  readonly #started: number;
  /** The commands that have waited for a person, or for their turn, and are not over. */
  readonly #waiting = new Set<Job>();

  constructor(options: InvitingOptions) {
    this.#options = options;
    this.#places = options.places;
    this.#started = options.context.clock.monotonic();
  }

  /**
   * Invites for as long as it is this node's turn, and waits for it until the command expires: another coordinator that
   * is still there may carry it out meanwhile, also with this node.
   *
   * @throws {SessionError} As of {@linkcode #invite}; `replayed-command` once a session has carried it out.
   */
  async inTurn(job: Job): Promise<Opening> {
    const { invitation: { turns }, replayGuard, context: { identity, clock } } = this.#options;
    for (;;) {
      try {
        turns.check(job.command, identity.peer);
        using _turn = turns.invite(job, identity.peer);
        job.isInviting = true;
        return await this.#invite(job);
      } catch (error) {
        if (!isOthersTurn(error) || clock.monotonic() > job.until) throw error;
      }
      job.isInviting = false;
      if (replayGuard.carried(job.key)) throw new SessionError("replayed-command");
      this.#waits(job, "turn");
      await pause(clock, turnLookEvery, job.stop.signal);
      if (job.stop.signal.aborted) throw job.stop.signal.reason;
    }
  }

  /** Proposes parties until one accepts as a whole. @throws {SessionError} */
  async #invite(job: Job): Promise<Opening> {
    const { command, stop } = job;
    const { clock, identity: { peer: self } } = this.#options.context;
    const exclusions: Exclusions = { peers: new Map(), pairs: [] };
    for (let tries = 1;; tries++) {
      if (stop.signal.aborted) throw stop.signal.reason;
      if (clock.monotonic() > job.until) throw new SessionError("expired");
      const party = await this.#party(job, exclusions);
      const opening = await this.#propose(job, party, exclusions);
      if (opening !== null) return opening;
      // Every party has this node in it: after its own no there is none to be found.
      if (exclusions.peers.has(self)) throw noParty(exclusions, command.value);
      const fixed = command.value.kind !== "sign" || command.value.signers.length > 0;
      // An excluded pair excludes neither peer: without the pair there may still be a party.
      if (fixed || tries >= proposals + exclusions.pairs.length) throw noParty(exclusions, command.value);
    }
  }

  /**
   * Chooses a party. A node that has only just started gives its peers a moment to be found.
   *
   * @throws {SessionError}
   */
  async #party({ command: { value: command }, stop }: Job, exclusions: Exclusions): Promise<PeerId[]> {
    const { clock } = this.#options.context;
    for (;;) {
      try {
        return chooseParty({ ...this.#options, command, exclusions });
      } catch (error) {
        const early = clock.monotonic() < this.#started + findingMs;
        if (!(error instanceof SessionError && error.code === "not-enough-peers" && early)) throw error;
      }
      await pause(clock, partyLookEvery, stop.signal);
      if (stop.signal.aborted) throw stop.signal.reason;
    }
  }

  /**
   * Proposes one party. Accepts lapse while a person thinks, so when all have said yes and somebody was
   * asked, all are invited once more.
   *
   * @returns Null if this party does not come together.
   * @throws {SessionError} As of {@linkcode propose}.
   */
  async #propose(job: Job, party: readonly PeerId[], exclusions: Exclusions): Promise<Opening | null> {
    const asking = (peer: PeerId) => this.#personIsAsked(job, peer);
    for (;;) {
      await this.#places.return(job, job.stop.signal);
      const opening = await propose({ ...this.#options, job, party, exclusions, asking });
      if (opening !== "again") return opening;
    }
  }

  /** Notes that a command is over: nobody is waited for any more. */
  over(job: Job): void {
    job.isOver = true;
    this.#waiting.delete(job);
  }

  /**
   * Notes that a person is being asked at `peer`: that may take minutes, in which another command has this
   * one's place.
   */
  #personIsAsked(job: Job, peer: PeerId): void {
    if (job.isOver || job.stop.signal.aborted) return;
    this.#options.context.eventLog.emitSession(job.facts, { type: "asking", other: peer });
    this.#waits(job, "person");
  }

  /** Gives up the place of a command that waits for a person, or for its turn: an initiator has few of them. */
  #waits(job: Job, reason: "person" | "turn"): void {
    job.waitedFor.add(reason);
    this.#waiting.add(job);
    const waiting = [...this.#waiting].filter(({ command }) => command.by === job.command.by);
    if (waiting.length > maxAskingPerInitiator) job.stop.abort(new SessionError("overloaded"));
    this.#places.leave(job);
  }
}

/** Whether nothing but another coordinator was in the way, which some still see. */
const isOthersTurn = (error: unknown) => isOnly("other-coordinator", error);
