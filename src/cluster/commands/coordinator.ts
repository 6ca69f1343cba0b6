/**
 * The coordinator of commands that name this node: each waits for its place, has a party invited, and becomes a session
 * that this node takes part in. Commands queue here; invites never do.
 * @module
 */
import { SessionError } from "../../errors.ts";
import { equal } from "../../crypto/codec.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import { maxAcceptsPerInviter, maxMultiplications } from "../../limits.ts";
import { pause } from "../../session/deadline.ts";
import type { Signed } from "../../session/signed.ts";
import type { Context } from "../events/event_context.ts";
import { factsOf } from "../events/session_facts.ts";
import type { Bans } from "../keys/bans.ts";
import type { Frozen } from "../keys/frozen.ts";
import type { Keys } from "../keys/keys.ts";
import type { LinkKeys } from "../links/link_keys.ts";
import type { SessionStreams } from "../links/session_streams.ts";
import { type Command, commandKey, contentOf, type Order } from "../records/command.ts";
import type { StoreHistory } from "../rollback/store_history.ts";
import { checkCommand } from "./check_command.ts";
import { Inviting } from "./coordinator/inviting.ts";
import type { Job } from "./coordinator/job.ts";
import { isOnly } from "./coordinator/only_failure.ts";
import { Places } from "./coordinator/places.ts";
import type { Invitation } from "./invitation.ts";
import type { Outcomes } from "./outcome/outcomes.ts";
import { UnopenedFailures } from "./outcome/unopened_failures.ts";
import type { ReplayGuard } from "./replay_guard.ts";
import { type CommandOutcome, encodeOutcome, resultFor, signResult, type UnderWay } from "./results.ts";
import type { Sessions } from "./session_runner.ts";

/**
 * Backoff in ms when a member reports the name or the key busy: usually its previous session is just
 * finishing.
 */
const busyWaits = [100, 200, 400, 800];

export interface CoordinatorOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  storeHistory: StoreHistory;
  links: LinkKeys;
  streams: SessionStreams;
  replayGuard: ReplayGuard;
  outcomes: Outcomes;
  sessions: Sessions;
  invitation: Invitation;
  draining(): boolean;
}

export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #unopened = new UnopenedFailures();
  readonly #places: Places;
  readonly #inviting: Inviting;

  constructor(options: CoordinatorOptions) {
    const { context, sessions } = options;
    this.#options = options;
    this.#places = new Places((taken) =>
      taken < maxAcceptsPerInviter && sessions.count + taken < context.limits.sessions &&
      sessions.multiplications <= maxMultiplications // room for the largest batch
    );
    this.#inviting = new Inviting({ ...options, places: this.#places });
  }

  /**
   * Carries out a command whose signature is good. Its history begins here.
   *
   * @returns The outcome of the command, or of the command already under way that asks for the same under this id.
   * @throws {SessionError} Rejected: `not-authorized`, `clock-skew`, `expired`, `replayed-command`, `id-reused`,
   * `outcome-forgotten`, `store-locked`, `overloaded`, `shutdown`.
   */
  submit(order: Order): Promise<CommandOutcome> {
    const { context, replayGuard, draining } = this.#options;
    const { command, items } = order;
    const { value } = command;
    const key = commandKey(command.by, value.id);
    const known = this.#jobs.get(key);
    const content = contentOf(value).toHex();
    if (known && known.content !== content) throw new SessionError("id-reused");
    if (known?.outcome && equal(known.command.encoded, command.encoded)) return known.outcome;
    if (draining()) throw new SessionError("shutdown");
    checkCommand(order, context.roster(), context.clock.now());
    if (!value.coordinators.includes(context.identity.peer)) throw new SessionError("not-authorized");
    if (known?.outcome) return this.#renewed(known, command);
    replayGuard.check(key, value.expires, content);
    const failed = this.#unopened.of(command.by, key);
    if (failed) throw new SessionError(failed.content === content ? "replayed-command" : "id-reused");
    if (context.vault.locked) throw new SessionError("store-locked");
    if (this.#places.queued >= context.limits.queued) throw new SessionError("overloaded");
    const facts = factsOf(command.by, value);
    const job: Job = {
      key,
      command,
      content,
      items,
      facts,
      stop: new AbortController(),
      outcome: null,
      taken: false,
      waitedFor: new Set(),
      isInviting: false,
      isOver: false,
      rosters: 0,
      lapses: 0,
      until: this.#lifeOf(value),
    };
    this.#jobs.set(key, job);
    // An end that was not the last word, as at a locked store, is not told as that of what begins now.
    if (context.eventLog.historyOf(key)?.ended) context.eventLog.historyAgain(facts);
    context.eventLog.emitSession(facts, { type: "began", deadline: value.expires });
    const outcome = job.outcome = this.#carryOut(job);
    outcome.catch(() => {}); // its terminal event reports the failure; the initiator receives it too
    return outcome;
  }

  /** The end of a command's lifetime, monotonic ms. */
  #lifeOf({ created, expires }: Command): number {
    return this.#options.context.clock.monotonic() + expires - created;
  }

  /** Goes on with an order that was signed anew for the same: members may have been told to take the former no more. */
  #renewed(job: Job, command: Signed<Command>): Promise<CommandOutcome> {
    job.command = command;
    job.until = this.#lifeOf(command.value);
    return job.outcome!;
  }

  /** Ends a command that its initiator no longer wants. @param key See `commandKey`. */
  cancel(key: string, evidence: Uint8Array): void {
    this.#jobs.get(key)?.stop.abort(new SessionError("cancelled", { evidence: [evidence] }));
  }

  /** The signed result of a command that asked for the same, encoded, or null if it is not known. @throws {StoreError} */
  async stored({ by, value }: Signed<Command>): Promise<Uint8Array | null> {
    const { replayGuard, outcomes } = this.#options;
    const id = commandKey(by, value.id);
    const carried = replayGuard.carried(id);
    const outcome = carried ? await outcomes.of({ id, expires: carried.expires }) : this.unopened(by, id);
    return outcome ? resultFor(value, outcome) : null;
  }

  /** A command that this node carries out, unless it waits for its turn. @param key See `commandKey`. */
  underWay(key: string): UnderWay | undefined {
    const job = this.#jobs.get(key);
    return job && (job.isInviting || !job.waitedFor.has("turn"))
      ? { ...job, coordinator: this.#options.context.identity.peer }
      : undefined;
  }

  /** Whether a command waits for this node's turn. @param key See `commandKey`. */
  waits(key: string): boolean {
    return this.#jobs.get(key)?.waitedFor.has("turn") ?? false;
  }

  /** The outcome of a command that failed here before it was a session, if it is known. @param key See `commandKey`. */
  unopened(initiator: PeerId, key: string): Uint8Array | undefined {
    return this.#unopened.of(initiator, key)?.outcome;
  }

  /** The signed result of a command that was rejected, encoded. */
  async rejection({ id }: Command, error: SessionError): Promise<Uint8Array> {
    const none = new Uint8Array();
    return (await signResult(this.#options.context, { id, attempt: none, session: none }, error)).encoded;
  }

  /** Goes on with the commands that wait for room, after a session has ended here. */
  sessionEnded(): void {
    this.#places.fill();
  }

  /** Ends every command that this node coordinates. */
  interrupt(reason: SessionError): void {
    for (const job of this.#jobs.values()) job.stop.abort(reason);
  }

  async #carryOut(job: Job): Promise<CommandOutcome> {
    const { context, sessions, keys } = this.#options;
    let inviting = true;
    try {
      await this.#places.enter(job, job.stop.signal);
      using _name = await this.#unlessBusy(job, () => sessions.reserve(job.command.value, job.command.by));
      // If two nodes make a key of one name in the same moment, one gives way, unless a person was asked
      // about it.
      using _rival = keys.names.givesWay(job.command.value, job.key, () => {
        if (!job.waitedFor.has("person") && inviting) job.stop.abort(new SessionError("wallet-busy"));
      });
      context.eventLog.emitSession(job.facts, { type: "phase", phase: "inviting" });
      const opening = await this.#unlessBusy(job, () => this.#inviting.inTurn(job));
      inviting = false;
      const running = sessions.run(opening);
      this.#places.leave(job);
      return await running;
    } catch (thrown) {
      const error = thrown instanceof SessionError ? thrown : new SessionError("internal", { cause: thrown });
      if (inviting) await this.#failedUnopened(job, error);
      throw error;
    } finally {
      this.#places.leave(job);
      this.#inviting.over(job);
      this.#jobs.delete(job.key);
    }
  }

  /** Tries `act` again a little later while it finds a name or a key busy. */
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

  /** Reports a command that failed before it was a session: one terminal event, one signed result. */
  async #failedUnopened(job: Job, error: SessionError): Promise<void> {
    const { context } = this.#options;
    const { facts, command } = job;
    // A session may have carried it out with this node meanwhile: then its end is told.
    if (!context.eventLog.history(facts).ended) context.eventLog.emitFailed(facts, error, "inviting");
    if (passing.includes(error.code)) return;
    const none = new Uint8Array();
    const attempt = facts.attempt === null ? none : Uint8Array.fromHex(facts.attempt);
    const result = await signResult(context, { id: command.value.id, attempt, session: none }, error);
    this.#keepUnopened(job, encodeOutcome(job, context.identity.peer, result.encoded));
  }

  /** Keeps the outcome of a command that was never opened. Its id takes no row: nothing was signed. */
  #keepUnopened({ key, content, command: { by } }: Job, outcome: Uint8Array): void {
    if (this.#options.replayGuard.carried(key)) return;
    this.#unopened.keep(by, key, { content, outcome });
  }
}

/** Whether nothing but a busy name or key was in the way. */
const isBusy = (error: unknown) => isOnly("wallet-busy", error);

/** Failures after which the same command may be carried out all the same, here or by another coordinator. */
const passing: readonly FailureCode[] = [
  "other-coordinator",
  "overloaded",
  "replayed-command",
  "shutdown",
  "store-locked",
  "suspended",
];
